// A form by which a file of any size is put into the drop folder of a source, straight into the store: whoever has it may send
// that one file there, for some minutes, and nothing else.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { dropFolder } from '../../domain/object-keys.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { ObjectLinks } from '../../ports/object-store.ts';
import type { Deps } from '../deps.ts';
import { cleanFileName, uploadBytesMax, uploadFormSeconds } from '../files/upload-deps.ts';
import { definitionByNumber } from './definition-deps.ts';

export type BatchFormDeps = Pick<Deps, 'reconciliations' | 'clock'> & { links: Pick<ObjectLinks, 'uploadForm'> };

export type BatchForm = { url: string; fields: Record<string, string>; limitBytes: number; expiresAt: string };

export async function batchForm(
  deps: BatchFormDeps,
  actor: BreaksActor,
  { number, source, fileName }: { number: number; source: string; fileName: string },
): Promise<Result<BatchForm>> {
  const found = await definitionByNumber(deps, actor.tenant, number);
  if (!found.ok) return found;
  const { tenant, code, status, graph } = found.value;
  if (!graph.sources.some((one) => one.code === source))
    return fail('NOT_FOUND', `Definition ${number} has no source ${JSON.stringify(source)}`);
  if (status === 'RETIRED') return fail('LIFECYCLE_CONFLICT', `Definition ${number} is retired and takes no batches`);
  const name = cleanFileName(fileName);
  if (!name) return fail('REQUEST_INVALID', 'This is no name of a file', { field: 'fileName' });
  const key = `${dropFolder({ tenant, code, source })}${name}`;
  const form = await deps.links.uploadForm(key, uploadBytesMax, uploadFormSeconds);
  const expiresAt = new Date(deps.clock.now() + uploadFormSeconds * 1_000).toISOString();
  return ok({ ...form, limitBytes: uploadBytesMax, expiresAt });
}
