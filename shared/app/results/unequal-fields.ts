// In what the records of a match differ although they agree: values within a tolerance, other letter case, a key that a pass
// did not go by. What is only shown is left out.
import type { Definition, Pass } from '../../domain/definition.ts';
import type { LoadedField } from '../../domain/record.ts';
import { compare, differenceJson, find } from '../../matching/match/field-comparison.ts';
import { judgedFields } from '../../matching/passes/fuzzy-pass.ts';
import { identifier } from '../../matching/sql.ts';

/** JSON list of differences as SQL, over the records `l` of the anchor and `r` of the leg. */
export function unequalFields(definition: Definition, leg: string, left: LoadedField[], right: LoadedField[]): string {
  const judged = new Set(definition.passes.flatMap(fieldsOfPass));
  const found = definition.fields.flatMap(({ name, role, comparison }) => {
    const matters = role === 'KEY' || judged.has(name) || (role === 'COMPARE' && comparison !== 'ignored');
    const [one, other] = [find(left, name), find(right, name)];
    if (!matters || !one || !other) return [];
    // Without its tolerance: any two values that are not the same are shown.
    const same = compare({ name, role, mapping: {} }, one.sqlType, other.sqlType);
    const [l, r] = [`l.${identifier(name)}`, `r.${identifier(name)}`];
    return [`CASE WHEN ${same.differs(l, r)} THEN ${differenceJson(leg, same, l, r)} END`];
  });
  return found.length > 0 ? `('[' || concat_ws(',', ${found.join(', ')}) || ']')` : "'[]'";
}

function fieldsOfPass(pass: Pass): string[] {
  if (pass.kind === 'tolerance') return pass.conditions.map(({ field }) => field);
  if (pass.kind === 'fuzzy') return judgedFields(pass);
  if (pass.kind === 'grouped') return [pass.amount, ...pass.by, ...(pass.window ? [pass.window.field] : [])];
  return [];
}
