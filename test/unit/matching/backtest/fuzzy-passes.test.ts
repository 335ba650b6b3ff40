// Definitions with fuzzy passes are compared like any others: one load serves both, and what a threshold loses is told with its near miss.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Definition, FuzzyPass } from '../../../../shared/domain/definition.ts';
import { backtest } from '../../../../shared/matching/backtest/backtest.ts';
import { type ChangedRow, changesSql, firstChanges } from '../../../../shared/matching/backtest/changes.ts';
import { readsTheSame } from '../../../../shared/matching/backtest/same-reading.ts';
import { openEngine } from '../../../../shared/matching/engine.ts';
import { bank, ledger } from '../passes/fuzzy-parties.ts';

const directory = mkdtempSync(join(tmpdir(), 'backtest-fuzzy-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const both = (name: string) => ({ ledger: name, bank: name });
const linkedBy = (more: Partial<FuzzyPass>): Definition => ({
  name: 'parties',
  sources: [{ name: 'ledger', anchor: true }, { name: 'bank' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: both('id') },
    { name: 'party', role: 'COMPARE', type: 'text', mapping: both('party') },
    { name: 'booked', role: 'COMPARE', type: 'date', mapping: both('booked') },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: both('amount') },
  ],
  passes: [
    { kind: 'exact-key', name: 'key' },
    { kind: 'fuzzy', name: 'alike', fields: [{ field: 'party' }, { field: 'booked' }, { field: 'amount' }], ...more },
  ],
});

const pathOf = (name: string, rows: (string | null)[][]) => {
  const path = join(directory, `${name}.csv`);
  writeFileSync(path, ['id,party,booked,amount', ...rows.map((row) => row.slice(1).join(','))].join('\n'));
  return { path };
};

test('a higher threshold loses pairs, and they are the nearest to one', async () => {
  const [old, next] = [linkedBy({}), linkedBy({ threshold: 1 })];
  expect(readsTheSame(old, next)).toBe(true);
  const scratch = join(directory, 'engine');
  mkdirSync(scratch);
  const engine = await openEngine({ directory: scratch, allowed: [directory], memoryMb: 500, threads: 2 });
  try {
    const files = { ledger: pathOf('ledger', ledger), bank: pathOf('bank', bank) };
    const found = await backtest(engine, { old, next, files });
    if (!found.ok) throw new Error(found.detail);
    expect(found.value.loadedOnce).toBe(true);
    expect(found.value.old.tallies).toEqual([expect.objectContaining({ verdict: 'lost', matches: 5 })]);
    const { changes } = found.value;
    const lost = await firstChanges<ChangedRow>(engine, changes.comparison.first, ['lost'], 5, (where) =>
      changesSql(changes, ['lost'], where),
    );
    for (const [at, { key, pass, left_now, left_explanation }] of lost.entries()) {
      const [candidate] = JSON.parse(left_explanation!).candidates;
      expect([key, pass, left_now, candidate.kind, candidate.key]).toEqual([
        `L${at + 1}`,
        'alike',
        'MISSING',
        'nearest',
        `P${at + 1}`,
      ]);
      expect(candidate.probability).toBeGreaterThan(0.5);
    }
    expect(lost).toHaveLength(5);
  } finally {
    engine.close();
  }
});
