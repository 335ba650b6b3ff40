// Matching rules as people write them, to the key of a definition. Exact rules name the key; a rule of a kind that is not built
// is refused by its name, never run as another.
import { fail, ok, type Result } from '../../domain/result.ts';

export type MatchingRule = { field: string; type: string; threshold?: number };

/** Kinds that the recon specification names and this engine does not have yet. */
const announcedKinds = new Set(['fuzzy', 'ml', 'machine_learning']);

/** The key fields that the rules name; undefined when there are no rules, and the data decides. */
export function keyFieldsOf(rules: MatchingRule[] | undefined): Result<string[] | undefined> {
  if (!rules || rules.length === 0) return ok(undefined);
  const fields: string[] = [];
  for (const [index, { field, type, threshold }] of rules.entries()) {
    const at = `matching_rules.${index}`;
    if (type !== 'exact') {
      const known = announcedKinds.has(type) ? `${type} matching is not available yet` : `there is no kind ${type}`;
      return fail('PASS_KIND_UNKNOWN', `Matching rule for ${field}: ${known}; available: exact`, {
        field: `${at}.type`,
        available: ['exact'],
      });
    }
    if (threshold !== undefined)
      return fail('REQUEST_INVALID', 'An exact rule has no threshold', { field: `${at}.threshold` });
    if (fields.some((other) => other.toLowerCase() === field.toLowerCase()))
      return fail('REQUEST_INVALID', `There are two rules for ${field}`, { field: `${at}.field` });
    fields.push(field);
  }
  return ok(fields);
}
