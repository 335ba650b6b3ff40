// What loading a source depends on. A batch whose hash is another was loaded under a definition that has changed since.
import type { Definition } from '../../domain/definition.ts';
import { sha256 } from '../derived-id.ts';

export function loadHash(definition: Definition, source: string): string {
  const { anchor: _anchor, load: _load, ...input } = definition.sources.find((one) => one.name === source) ?? {};
  const fields = definition.fields.map(({ name, role, type, normalise, required, mapping, reading }) => ({
    name,
    key: role === 'KEY',
    type,
    normalise,
    required,
    mapping: mapping[source],
    reading: reading?.[source],
  }));
  return sha256(canonicalJson({ input, fields, currencyField: definition.currencyField }));
}

/** JSON with the names of each object in order, so that equal content is equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
