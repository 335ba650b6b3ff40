// Sources that are loaded one by one may come to different types for a field that the definition leaves open. Then it is given the
// type that they would have agreed on if they had been loaded together.
import { agreedType } from '../../domain/agreed-type.ts';
import type { Definition, FieldType } from '../../domain/definition.ts';
import type { Readings, Reconciliation } from '../../domain/reconciliation.ts';

type Defined = Reconciliation & { definition: Definition };

/** With those types in the definition, and without the readings that were of others; undefined where all agree. */
export function withAgreedTypes(reconciliation: Defined, readings: Readings): Defined | undefined {
  const agreed = new Map<string, FieldType>();
  for (const { name, type } of reconciliation.definition.fields) {
    if (type !== undefined) continue;
    const found = new Set(Object.values(readings).flatMap((ofSource) => ofSource[name]?.type ?? []));
    const common = agreedType(found);
    if (found.size > 1 && common) agreed.set(name, common);
  }
  if (agreed.size === 0) return undefined;
  const fields = reconciliation.definition.fields.map((field) => {
    const type = agreed.get(field.name);
    return type === undefined ? field : { ...field, type };
  });
  const kept = Object.entries(readings).map(([source, ofSource]) => [
    source,
    Object.fromEntries(Object.entries(ofSource).filter(([name]) => !agreed.has(name))),
  ]);
  return {
    ...reconciliation,
    definition: { ...reconciliation.definition, fields },
    readings: Object.fromEntries(kept) as Readings,
  };
}
