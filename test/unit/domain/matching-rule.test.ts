// What matching rules become: the key, and one pass for what is only alike.
import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../../shared/domain/check-definition.ts';
import type { Definition, Pass } from '../../../shared/domain/definition.ts';
import { type MatchingRule, ruledDefinition } from '../../../shared/domain/matching-rule.ts';

const both = (name: string) => ({ source: name, target: name });
/** As it is proposed for rules on `keys`. */
function keyed(keys: string[]): Definition {
  const key = (name: string) => ({ name: name.replace(/^\$/, ''), role: 'KEY' as const, mapping: both(name) });
  return {
    name: 'job',
    sources: [{ name: 'source', anchor: true }, { name: 'target' }],
    fields: [...keys.map(key), { name: 'note', role: 'COMPARE', type: 'decimal', mapping: both('note') }],
    passes: [{ kind: 'exact-key' }],
  };
}

describe('matching-strategies: rules of a job', () => {
  it.each<[string, MatchingRule[], Pass[]]>([
    [
      'exact alone are the key',
      [
        { field: 'email', type: 'exact' },
        { field: 'amount', type: 'exact' },
      ],
      [],
    ],
    [
      'exact and fuzzy, as in the sample of the specification',
      [
        { field: 'email', type: 'exact' },
        { field: 'name', type: 'fuzzy', threshold: 0.9 },
      ],
      [{ kind: 'fuzzy', fields: [{ field: 'name', similarityMin: 0.9 }], equal: ['email'] }],
    ],
    [
      'fuzzy without a threshold, of a column whose name is changed',
      [{ field: '$name', type: 'fuzzy' }],
      [{ kind: 'fuzzy', fields: [{ field: 'name', similarityMin: 0.8 }] }],
    ],
    [
      'learned: the highest threshold counts',
      [
        { field: 'name', type: 'ml', threshold: 0.6 },
        { field: 'date', type: 'machine_learning', threshold: 0.95 },
        { field: 'city', type: 'ml' },
      ],
      [{ kind: 'fuzzy', fields: [{ field: 'name' }, { field: 'date' }, { field: 'city' }], threshold: 0.95 }],
    ],
    [
      'all three',
      [
        { field: 'ccy', type: 'exact' },
        { field: 'name', type: 'fuzzy', threshold: 0 },
        { field: 'date', type: 'ml' },
      ],
      [{ kind: 'fuzzy', fields: [{ field: 'name', similarityMin: 0 }, { field: 'date' }], equal: ['ccy'] }],
    ],
  ])('%s', (_, rules, likely) => {
    const definition = ruledDefinition(keyed(rules.map(({ field }) => field)), rules);
    expect(definition.passes).toEqual([{ kind: 'exact-key' }, ...likely]);
    expect(definition.fields.filter(({ role }) => role === 'KEY')).toHaveLength(rules.length);
    expect(definition.fields.at(-1), 'what no rule names is shown, with its type').toMatchObject({
      role: 'DISPLAY',
      type: 'decimal',
    });
    expect(checkDefinition(definition)).toEqual([]);
  });

  it.each<[MatchingRule[], string[]]>([
    [[{ field: 'amount', type: 'ml' }], ['ccy']],
    [
      [
        { field: 'ref', type: 'exact' },
        { field: 'amount', type: 'fuzzy' },
      ],
      ['ref', 'ccy'],
    ],
    [
      [
        { field: 'ccy', type: 'exact' },
        { field: 'amount', type: 'ml' },
      ],
      ['ccy'],
    ],
  ])('amounts are near each other in one currency alone: %j', (rules, equal) => {
    const named = rules.map(({ field }) => field);
    const all = ['ref', 'ccy', 'amount'].map((name) => ({
      name,
      role: named.includes(name) ? ('KEY' as const) : ('COMPARE' as const),
      type: name === 'amount' ? ('decimal' as const) : ('text' as const),
      mapping: both(name),
    }));
    const definition = ruledDefinition({ ...keyed([]), fields: all, currencyField: 'ccy' }, rules);
    expect(definition.passes[1]).toMatchObject({ equal });
    expect(checkDefinition(definition)).toEqual([]);
  });
});
