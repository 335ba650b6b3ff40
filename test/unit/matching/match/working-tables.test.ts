// Working tables do not outlive the call that made them, whatever the definition asks for: the next call of the same engine
// finds none of them, and no memory is held.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Definition, Pass } from '../../../../shared/domain/definition.ts';
import { matchKeys } from '../../../../shared/matching/match/match-keys.ts';
import { matchSources } from '../../../../shared/matching/match/match-sources.ts';
import type { MatchDecisions } from '../../../../shared/matching/match/matched.ts';
import { literal } from '../../../../shared/matching/sql.ts';
import { definitionOf, type FieldSpec, type Row, sourceOf, withEngine } from './records-from-rows.ts';

const fields: FieldSpec[] = [
  { name: 'amount', sqlType: 'DECIMAL(18,2)' },
  { name: 'booked', sqlType: 'DATE' },
  { name: 'batch', sqlType: 'VARCHAR', role: 'CLASSIFIER' },
];
const exact: Pass = { kind: 'exact-key' };
const near: Pass = {
  kind: 'tolerance',
  conditions: [
    { field: 'amount', absolute: '0.05' },
    { field: 'booked', daysBefore: 1, daysAfter: 2, calendar: 'bank' },
  ],
};
const sums = (cardinality: 'one-to-many' | 'many-to-many' | 'netting', search?: object): Pass => ({
  ...{ kind: 'grouped', name: `${cardinality} ${search ? 'searched' : 'by key'}`, cardinality, by: ['batch'] },
  ...{ amount: 'amount', accept: search ? 'auto' : 'suggest', ...(search && { search }) },
  window: { field: 'booked', daysBefore: 1, daysAfter: 9, calendar: 'desk' },
});

const alike: Pass = { kind: 'fuzzy', fields: [{ field: 'amount' }, { field: 'booked' }] };
const wordy: Pass = {
  kind: 'fuzzy',
  name: 'by words',
  equal: ['batch'],
  fields: [{ field: 'amount', as: 'text' }],
  blocks: [['amount']],
};
const nowhere: Pass = { kind: 'fuzzy', name: 'nothing', equal: ['amount'], fields: [{ field: 'booked' }] };

const day = '2024-01-02';
const left: Row[] = [
  ['a', '1.00', day, 'x'],
  ['b', '2.00', day, 'x'],
  ['b', '3.00', day, 'x'],
  ['c', '9.00', day, 'y'],
  [null, '7.00', day, 'y'],
  ['n', '-7.00', day, 'y'],
];
const right: Row[] = [
  ['a', '1.00', day, 'x'],
  ['b', '2.00', day, 'x'],
  ['b', '2.50', day, 'x'],
  ['b', '2.60', day, 'x'],
  ['d', '4.00', day, 'y'],
  ['e', '5.00', day, 'y'],
  ['f', '7.01', day, 'z'],
];

const cases: { name: string; passes: Pass[]; sources?: string[]; decided?: boolean }[] = [
  { name: 'the key alone', passes: [exact] },
  { name: 'the key alone, three sources', passes: [exact], sources: ['left', 'right', 'third'] },
  { name: 'the key alone, with decisions', passes: [exact], decided: true },
  { name: 'no key', passes: [near] },
  { name: 'tolerance with a calendar', passes: [exact, near] },
  { name: 'tolerance, three sources', passes: [exact, near], sources: ['left', 'right', 'third'] },
  { name: 'sets that are searched', passes: [exact, sums('one-to-many', {}), sums('many-to-many', {})] },
  { name: 'sets by key, suggested', passes: [exact, sums('netting'), sums('many-to-many'), sums('one-to-many')] },
  { name: 'linked by values', passes: [exact, alike, wordy, nowhere] },
  { name: 'linked by values, three sources', passes: [alike, wordy], sources: ['left', 'right', 'third'] },
  { name: 'everything, with decisions', passes: [exact, near, alike, sums('netting', {}), wordy], decided: true },
];

test.each(cases)('$name', async ({ passes, sources: names = ['left', 'right'], decided }) => {
  await withEngine(async (engine) => {
    const holidays = { holidays: ['2024-01-01'] };
    const definition: Definition = definitionOf(fields, names, {
      passes,
      calendars: { bank: holidays, desk: holidays },
    });
    const sources = names.map((name, index) => sourceOf(name, fields, index === 0 ? left : right));
    const apartPath = join(engine.directory, 'apart.parquet');
    await engine.run(`COPY (SELECT 'right' AS source, '1 1' AS match, 1::BIGINT AS left_row, 1::BIGINT AS right_row)
      TO ${literal(apartPath)} (FORMAT parquet)`);
    const together: MatchDecisions['together'] = [{ id: 'd', source: 'right', left: [4], right: [5, 6] }];
    const request = { definition, sources, ...(decided && { decisions: { together, apartPath } }) };
    const whole = await matchSources(engine, { ...request, directory: join(engine.directory, 'whole') });
    expect(whole.ok).toBe(true);
    expect(await tables()).toEqual([]);
    if (passes[0] !== exact) return;
    const { open } = await matchKeys(engine, { ...request, directory: join(engine.directory, 'keys') });
    expect(await tables()).toEqual([]);
    const verdicts = open.slice(1).map(({ verdictsPath }) => [verdictsPath!]);
    await matchSources(engine, { ...request, verdicts, directory: join(engine.directory, 'residue') });
    expect(await tables()).toEqual([]);

    async function tables(): Promise<string[]> {
      const found = await engine.rows<{ name: string }>(
        `SELECT table_name AS name FROM duckdb_tables() WHERE table_name SIMILAR TO '(match|link).*'
         UNION ALL SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'match%' ORDER BY 1`,
      );
      return found.map(({ name }) => name);
    }
  });
});
