// How a stored file reaches whoever asked for it: its bytes where a reply can hold them, else a link to it.
import type { Clock } from '../ports/clock.ts';
import type { ObjectLinks, ObjectStore } from '../ports/object-store.ts';

export type HandOutDeps = {
  objects: Pick<ObjectStore, 'get'>;
  links: Pick<ObjectLinks, 'downloadUrl'>;
  clock: Pick<Clock, 'now'>;
};

export type HandedOut =
  | { contentType: string; fileName: string; bytes: Uint8Array }
  | { redirect: string }
  | { link: { url: string; expiresAt: string } };

const linkSeconds = 15 * 60;

/** `linkOnly`: the caller wants the address itself, whatever the size. */
export async function handOutFile(
  deps: HandOutDeps,
  file: { key: string; bytes: number; contentType: string },
  { fileName, bytesMax, linkOnly }: { fileName: string; bytesMax: number; linkOnly: boolean },
): Promise<HandedOut> {
  if (!linkOnly && file.bytes <= bytesMax) {
    const bytes = await deps.objects.get(file.key);
    if (bytes) return { contentType: file.contentType, fileName, bytes };
  }
  const url = await deps.links.downloadUrl(file.key, fileName, linkSeconds);
  if (!linkOnly) return { redirect: url };
  return { link: { url, expiresAt: new Date(deps.clock.now() + linkSeconds * 1000).toISOString() } };
}
