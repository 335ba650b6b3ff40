// What the use cases of files and data sources need from outside, and the limits they hold to.
import type { Clock, Ids } from '../../ports/clock.ts';
import type { DataSourceStore } from '../../ports/data-source-store.ts';
import type { ObjectLinks, ObjectStore } from '../../ports/object-store.ts';
import type { ProjectStore } from '../../ports/project-store.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import type { WorkQueue } from '../../ports/work-queue.ts';

export type UploadDeps = {
  projects: ProjectStore;
  uploads: UploadStore;
  dataSources: DataSourceStore;
  objects: ObjectStore;
  links: ObjectLinks;
  queue: WorkQueue;
  clock: Clock;
  ids: Ids;
};

/** The largest object that one POST to S3 can carry. */
export const uploadBytesMax = 5 * 1024 ** 3;
export const uploadFormSeconds = 15 * 60;
const fileNameCharactersMax = 255;

const typeByExtension: Record<string, string> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  gz: 'application/gzip',
};
const unknownType = 'application/octet-stream';

/** The type that was said; curl and others say nothing of a file whose ending does. */
export function contentTypeOf(fileName: string, said: string | undefined): string {
  if (said && said !== unknownType) return said;
  const extension = fileName.toLowerCase().split('.').at(-1)!;
  return (Object.hasOwn(typeByExtension, extension) && typeByExtension[extension]) || unknownType;
}

/** A name to show and to take the type from; never part of an object's key. Undefined when there is none to keep. */
export function cleanFileName(fileName: string): string | undefined {
  const last = fileName.normalize('NFC').split(/[/\\]/).at(-1)!.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
  if (last === '' || last === '.' || last === '..' || /[\u0000-\u001f\u007f]/.test(last)) return undefined;
  return last.length <= fileNameCharactersMax ? last : undefined;
}
