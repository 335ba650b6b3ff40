// Matching rules as people write them, checked. A rule of a kind that there is not is refused by its name, never run as another.
import { type MatchingRule, type RuleKind, ruleKinds } from '../../domain/matching-rule.ts';
import { fail, ok, type Result } from '../../domain/result.ts';

export type GivenRule = Omit<MatchingRule, 'type'> & { type: string };

/** Undefined when there are no rules, and the data decides. */
export function checkRules(rules: GivenRule[] | undefined): Result<MatchingRule[] | undefined> {
  if (!rules || rules.length === 0) return ok(undefined);
  const checked: MatchingRule[] = [];
  for (const [index, rule] of rules.entries()) {
    const { field, type, threshold } = rule;
    const at = `matching_rules.${index}`;
    if (!isKind(type))
      return fail(
        'PASS_KIND_UNKNOWN',
        `Matching rule for ${field}: there is no kind ${type}; available: ${ruleKinds.join(', ')}`,
        { field: `${at}.type`, available: [...ruleKinds] },
      );
    if (type === 'exact' && threshold !== undefined)
      return fail('REQUEST_INVALID', 'An exact rule has no threshold', { field: `${at}.threshold` });
    if (checked.some((other) => other.field.toLowerCase() === field.toLowerCase()))
      return fail('REQUEST_INVALID', `There are two rules for ${field}`, { field: `${at}.field` });
    checked.push({ ...rule, type });
  }
  return ok(checked);
}

function isKind(type: string): type is RuleKind {
  return (ruleKinds as readonly string[]).includes(type);
}
