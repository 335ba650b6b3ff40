// What makes a fuzzy pass invalid, with all that is wrong with it, and what looks as if it did but does not: one row each.
import { expect, test } from 'vitest';
import { checkDefinition } from '../../../shared/domain/check-definition.ts';
import type { Definition, Field, FuzzyPass } from '../../../shared/domain/definition.ts';

const everywhere = (column: string) => ({ ledger: column, bank: column, broker: column });

const base = (): Definition => ({
  name: 'cash',
  sources: [{ name: 'ledger', anchor: true }, { name: 'bank' }, { name: 'broker' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: everywhere('id') },
    { name: 'party', role: 'COMPARE', type: 'text', mapping: everywhere('party') },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: everywhere('amount') },
    { name: 'booked', role: 'COMPARE', type: 'date', mapping: everywhere('booked') },
    { name: 'day', role: 'COMPARE', type: 'integer', mapping: everywhere('day') },
    { name: 'account', role: 'CLASSIFIER', mapping: everywhere('account') },
    { name: 'open', role: 'COMPARE', type: 'boolean', mapping: everywhere('open') },
    { name: 'fixed', role: 'COMPARE', type: 'text', mapping: { ...everywhere('fixed'), bank: { constant: 'CHF' } } },
    { name: 'anchorOnly', role: 'COMPARE', type: 'text', mapping: { ledger: 'a' } },
    { name: 'withBank', role: 'COMPARE', type: 'text', mapping: { ledger: 'b', bank: 'b' } },
    { name: 'withBroker', role: 'COMPARE', type: 'text', mapping: { ledger: 'c', broker: 'c' } },
    { name: 'currency', role: 'CLASSIFIER', type: 'text', mapping: everywhere('currency') },
  ],
  passes: [],
});

const alike = (more: Partial<FuzzyPass> = {}): FuzzyPass => ({
  kind: 'fuzzy',
  fields: [{ field: 'party' }, { field: 'booked' }],
  ...more,
});

function faultsOf(pass: FuzzyPass, more: Partial<Definition> = {}, currency: Partial<Field> = {}): string[] {
  const definition = { ...base(), passes: [pass], ...more };
  Object.assign(definition.fields.at(-1)!, currency);
  return checkDefinition(definition).map(({ path, message }) => `${path}: ${message}`);
}

const share = 'must be a number from 0 to 1';
const long = 'x'.repeat(201);
const cases: [string, FuzzyPass, string[]][] = [
  ['two fields', alike(), []],
  [
    'all that can be said',
    alike({
      fields: [
        { field: 'party', as: 'name', weight: 2, similarityMin: 0.8 },
        { field: 'amount', as: 'number', weight: 0 },
      ],
      equal: ['account'],
      blocks: [['party'], ['account', 'amount']],
      threshold: 0.9,
      tieMargin: 1.5,
      equivalences: [['Bill', 'William']],
      accept: 'suggest',
    }),
    [],
  ],
  ['a precision', alike({ targetPrecision: 1 }), []],
  ['a whole number that is a date as it is written', alike({ fields: [{ field: 'day', as: 'date' }] }), []],
  ['a text that is a number as it is written', alike({ fields: [{ field: 'party', as: 'number' }] }), []],
  ['a field of one leg', alike({ fields: [{ field: 'withBank' }] }), []],
  [
    'no fields',
    alike({ fields: [] }),
    ['passes[0].fields: must name at least one field: by it records are told to be the same'],
  ],
  [
    'fields that there are not',
    alike({ fields: [{ field: 'name' }], equal: ['group'] }),
    ['passes[0].fields[0].field: there is no field "name"', 'passes[0].equal[0]: there is no field "group"'],
  ],
  [
    'a field twice',
    alike({ fields: [{ field: 'party' }, { field: 'party' }] }),
    ['passes[0].fields[1].field: "party" is passes[0].fields[0].field too: a pass has one rule for a field'],
  ],
  [
    'a field that must be equal, and is evidence too',
    alike({ equal: ['party'] }),
    ['passes[0].equal[0]: "party" is passes[0].fields[0].field too: a pass has one rule for a field'],
  ],
  [
    'a field of one side',
    alike({ fields: [{ field: 'anchorOnly' }] }),
    ['passes[0].fields[0].field: "anchorOnly" must be mapped for a source besides the anchor'],
  ],
  [
    'fields that no leg has together',
    alike({ fields: [{ field: 'withBank' }, { field: 'withBroker' }] }),
    ['passes[0]: no source besides the anchor has all of these fields, so nothing could ever be found'],
  ],
  [
    'nothing that tells records apart',
    alike({ fields: [{ field: 'open' }, { field: 'fixed' }] }),
    ['passes[0].fields: at least one must tell records apart: not a boolean, and no constant'],
  ],
  [
    'figures that no share, factor or weight can be',
    alike({
      fields: [
        { field: 'party', weight: -1, similarityMin: 1.1 },
        { field: 'booked', weight: 101, similarityMin: -0.1 },
      ],
      threshold: 1.01,
      tieMargin: 1001,
    }),
    [
      'passes[0].fields[0].weight: must be a factor from 0 to 100',
      `passes[0].fields[0].similarityMin: ${share}`,
      'passes[0].fields[1].weight: must be a factor from 0 to 100',
      `passes[0].fields[1].similarityMin: ${share}`,
      `passes[0].threshold: ${share}`,
      'passes[0].tieMargin: must be bits from 0 to 1000',
    ],
  ],
  [
    'figures that are none',
    alike({ fields: [{ field: 'party', weight: Number.NaN }], targetPrecision: Number.NaN, tieMargin: Number.NaN }),
    [
      'passes[0].fields[0].weight: must be a factor from 0 to 100',
      `passes[0].targetPrecision: ${share}`,
      'passes[0].tieMargin: must be bits from 0 to 1000',
    ],
  ],
  [
    'a threshold and a precision',
    alike({ threshold: 0.5, targetPrecision: 0.9 }),
    ['passes[0].targetPrecision: there is a threshold too: one of them decides'],
  ],
  [
    'weights that add up to nothing',
    alike({
      fields: [
        { field: 'party', weight: 0 },
        { field: 'booked', weight: 0 },
      ],
    }),
    ['passes[0].fields: the weights of the fields add up to nothing'],
  ],
  [
    'values compared as what they are not',
    alike({
      fields: [
        { field: 'booked', as: 'number' },
        { field: 'amount', as: 'date' },
        { field: 'open', as: 'date' },
      ],
    }),
    [
      'passes[0].fields[0].as: an amount is a number, and the field "booked" is date',
      'passes[0].fields[1].as: days are for dates, and the field "amount" is decimal',
      'passes[0].fields[2].as: days are for dates, and the field "open" is boolean',
    ],
  ],
  ['no blocks', alike({ blocks: [] }), ['passes[0].blocks: must have at least one list of fields, or be left out']],
  [
    'blocks of nothing, of other fields, of one twice, of all records',
    alike({ equal: ['open'], blocks: [[], ['account'], ['party', 'party'], ['open']] }),
    [
      'passes[0].blocks[0]: must name a field: without one everything is compared with everything',
      'passes[0].blocks[1][0]: "account" is no field of the pass',
      'passes[0].blocks[2][1]: "party" is there twice',
      'passes[0].blocks[3]: at least one must divide the records: not a boolean, and no constant',
    ],
  ],
  [
    'spellings that are none',
    alike({ equivalences: [['Bill'], ['', 'x'], [long, 'a\u0007']] }),
    [
      'passes[0].equivalences[0]: must have at least two spellings of the same thing',
      'passes[0].equivalences[1][0]: must not be empty',
      'passes[0].equivalences[2][0]: must have at most 200 characters',
      'passes[0].equivalences[2][1]: must not hold control characters',
    ],
  ],
  [
    'more groups than anybody has',
    alike({ equivalences: Array.from({ length: 10_001 }, (_, at) => [`a${at}`, `b${at}`]) }),
    ['passes[0].equivalences: must be at most 10000 groups'],
  ],
  [
    'more spellings than anybody has',
    alike({
      equivalences: Array.from({ length: 60 }, (_, group) => Array.from({ length: 900 }, (_, at) => `${group} ${at}`)),
    }),
    ['passes[0].equivalences: must have at most 50000 spellings together'],
  ],
  [
    'more fields than anybody compares by',
    alike({ fields: Array.from({ length: 51 }, () => ({ field: 'party' })) }),
    [
      'passes[0].fields: must be at most 50',
      ...Array.from(
        { length: 50 },
        (_, at) =>
          `passes[0].fields[${at + 1}].field: "party" is passes[0].fields[0].field too: a pass has one rule for a field`,
      ),
    ],
  ],
];

test.each(cases)('%s', (_title, pass, faults) => {
  expect(faultsOf(pass)).toEqual(faults);
});

const needed = 'passes[0].equal: must name "currency": amounts of different currencies are not near each other';
const amounts = (more: Partial<FuzzyPass> = {}) =>
  alike({ fields: [{ field: 'party' }, { field: 'amount' }], ...more });

test.each<[string, FuzzyPass, Partial<Field>, string[]]>([
  ['amounts, and a currency that is only shown', amounts(), {}, [needed]],
  ['a text that is compared as a number', alike({ fields: [{ field: 'party', as: 'number' }] }), {}, [needed]],
  ['a currency that is not looked at', amounts(), { role: 'COMPARE', comparison: 'ignored' }, [needed]],
  ['a currency that is compared: the pair differs', amounts(), { role: 'COMPARE' }, []],
  ['in one currency', amounts({ equal: ['currency'] }), {}, []],
  ['by the currency, too', alike({ fields: [{ field: 'amount' }, { field: 'currency' }] }), {}, []],
  ['an amount that is compared as an identifier', alike({ fields: [{ field: 'amount', as: 'code' }] }), {}, []],
  ['a source without currency', amounts(), { mapping: { ledger: 'currency', bank: 'currency' } }, []],
  ['names alone', alike(), {}, []],
])('currency: %s', (_title, pass, currency, faults) => {
  expect(faultsOf(pass, { currencyField: 'currency' }, currency)).toEqual(faults);
});
