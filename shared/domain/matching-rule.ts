// What a caller of the recon surface asks of a field, in a word, and the passes that such rules become. All rules hold together:
// docs/decisions/0006-recon-matching-rules.md.
import type { Definition, FuzzyField, Pass } from './definition.ts';

export const ruleKinds = ['exact', 'fuzzy', 'ml', 'machine_learning'] as const;
export type RuleKind = (typeof ruleKinds)[number];

export type MatchingRule = {
  /** The column, by the name that it has in both files. */
  field: string;
  type: RuleKind;
  /** 0 to 1: of `fuzzy` the least similarity of the two values, of `ml` the least probability of the pair. */
  threshold?: number;
};

/** Of a fuzzy rule without one, as the specification's sample has it. */
const similarityDefault = 0.8;

/**
 * A definition whose key is the fields of the rules, with the passes that the rules mean: pairs that are equal in all of these fields
 * are certain; pairs that are equal in those of the exact rules, and near enough in the others, are likely. Amounts are near each other
 * in one currency alone: a column that holds it must then be equal too. Fields without a rule
 * are shown and not compared.
 */
export function ruledDefinition(keyed: Definition, rules: MatchingRule[]): Definition {
  const fields = keyed.fields.map((field) => (field.role === 'KEY' ? field : { ...field, role: 'DISPLAY' as const }));
  const anchor = keyed.sources.find((source) => source.anchor)!.name;
  const nameOf = ({ field }: MatchingRule): string => fields.find(({ mapping }) => mapping[anchor] === field)!.name;
  const passes: Pass[] = [{ kind: 'exact-key' }];
  const likely = rules.filter(({ type }) => type !== 'exact');
  if (likely.length > 0) {
    const equal = rules.filter(({ type }) => type === 'exact').map(nameOf);
    const compared = likely.map(nameOf);
    const amounts = fields.some(({ name, type }) => type === 'decimal' && compared.includes(name));
    const { currencyField } = keyed;
    if (amounts && currencyField !== undefined && ![...equal, ...compared].includes(currencyField))
      equal.push(currencyField);
    const thresholds = likely.flatMap(({ type, threshold }) => (type === 'fuzzy' ? [] : (threshold ?? [])));
    passes.push({
      kind: 'fuzzy',
      fields: likely.map((rule): FuzzyField => {
        const { type, threshold = similarityDefault } = rule;
        return { field: nameOf(rule), ...(type === 'fuzzy' && { similarityMin: threshold }) };
      }),
      ...(equal.length > 0 && { equal }),
      ...(thresholds.length > 0 && { threshold: Math.max(...thresholds) }),
    });
  }
  return { ...keyed, fields, passes };
}
