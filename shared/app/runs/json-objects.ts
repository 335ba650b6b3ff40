// Small JSON objects in the store, for what is too large for an item and is read by several tasks.
import type { Deps } from '../deps.ts';

export async function readJson<T>(deps: Pick<Deps, 'objects'>, key: string): Promise<T> {
  const body = await deps.objects.get(key);
  if (!body) throw new Error(`object ${key} is missing`);
  return JSON.parse(new TextDecoder().decode(body)) as T;
}

export async function writeJson(deps: Pick<Deps, 'objects'>, key: string, value: unknown): Promise<string> {
  await deps.objects.put(key, JSON.stringify(value), 'application/json');
  return key;
}
