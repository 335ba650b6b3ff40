// An object that has to be there, as a file.
import type { Deps } from './deps.ts';

/** Gives the path. Throws when the object is gone: everything that is asked for by name was written before. */
export async function fetchObject(deps: Pick<Deps, 'objects'>, key: string, path: string): Promise<string> {
  if (!(await deps.objects.download(key, path))) throw new Error(`object ${key} is missing`);
  return path;
}
