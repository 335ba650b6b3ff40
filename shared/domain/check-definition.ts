// Says everything that is wrong with a definition, all at once. Knows no file: columns are checked when one is loaded.
import type { Definition } from './definition.ts';

/** `path` is a JSON path from the definition: `fields[2].tolerance.percent`. */
export type DefinitionFault = { path: string; message: string };

export function checkDefinition(_definition: Definition): DefinitionFault[] {
  throw new Error('not built yet');
}
