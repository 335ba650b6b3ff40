// Test support: the calls of both engines of the pipeline as it makes them, each in a directory of its own.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createDuckdbEngine } from '../../shared/app/duckdb-engine.ts';
import type { BreakChange, Carry, PipelineEngine } from '../../shared/app/pipeline-engine.ts';
import type { Definition } from '../../shared/domain/definition.ts';
import { twinEngine } from '../fault/twin-engine.ts';

export const engines: [string, PipelineEngine][] = [
  ['twin', twinEngine],
  ['duckdb', createDuckdbEngine({ memoryMb: 512, threads: 2 })],
];
const both = { bank: 'id', ledger: 'id' };
export const definition: Definition = {
  name: 'pair',
  sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }],
  fields: [
    { name: 'id', role: 'KEY', type: 'text', mapping: both },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { bank: 'amount', ledger: 'amount' } },
    { name: 'currency', role: 'CLASSIFIER', type: 'text', mapping: { bank: 'currency', ledger: 'currency' } },
    // Named like the column of a row reference, which it must not be taken for.
    { name: 'row', role: 'COMPARE', type: 'text', mapping: { bank: 'note', ledger: 'note' } },
  ],
  passes: [{ kind: 'exact-key' }],
  currencyField: 'currency',
};
const header = 'id,amount,currency,note\n';
export const files = {
  bank: 'a,1.50,EUR,x\nb,2.25,EUR,\nc,-3.00,USD,y\nd,4.10,,z\nd,4.10,,z\ne,5.00,EUR,\nbad,1e400,EUR,\n',
  ledger: 'a,1.50,EUR,x\nb,2.50,EUR,\nc,-3.00,USD,other\nd,4.10,,z\nf,6.00,EUR,late\n',
};
export const later = {
  bank: 'a,1.50,EUR,x\nb,2.75,EUR,\nc,-3.00,USD,other\nd,4.10,,z\ne,5.00,EUR,\n',
  ledger: 'a,1.50,EUR,x\nb,2.50,EUR,\nc,-3.00,USD,other\nd,4.10,,z\nf,6.00,EUR,late\ng,7.00,EUR,\n',
};

let scratch: string;
let count = 0;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tieout-engines-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

export function directory(): string {
  count += 1;
  return mkdtempSync(join(scratch, `call-${count}-`));
}

/** As the pipeline does it: what a call reads is fetched into its own directory, and it may read nothing else. */
export function fetchInto(own: string, path: string): string {
  count += 1;
  const copy = join(own, `fetched-${count}`);
  copyFileSync(path, copy);
  return copy;
}

export async function compare(
  engine: PipelineEngine,
  breaksPath: string,
  ledgerPath: string | undefined,
  runNumber: number,
  { closed = false, breakItemsMax = 100, breaksOpened = (runNumber - 1) * 1_000 } = {},
) {
  const own = directory();
  return engine.compare({
    directory: own,
    breaksPaths: [fetchInto(own, breaksPath)],
    ledgerPath: ledgerPath && fetchInto(own, ledgerPath),
    breaksOpened,
    openedAt: Date.UTC(2026, 0, runNumber),
    breakItemsMax,
    closedAmong: async (ids) => new Set(closed ? ids : []),
  });
}

export async function load(engine: PipelineEngine, source: string, rows: string, batchNumber: number) {
  const own = directory();
  const path = join(own, 'input');
  writeFileSync(path, header + rows);
  const request = { directory: own, definition, source, path, fileName: 'in.csv', batchNumber, readings: undefined };
  const loaded = await engine.load(request);
  if (!loaded.ok) throw new Error(loaded.detail);
  return loaded.value;
}

export async function match(engine: PipelineEngine, paths: Record<string, string[]>, carry: Carry) {
  const own = directory();
  const records = ['bank', 'ledger'].map((source) => ({
    source,
    paths: paths[source]!.map((path) => fetchInto(own, path)),
  }));
  const matched = await engine.match({ directory: own, definition, records, carry });
  if (!matched.ok) throw new Error(matched.detail);
  return matched.value;
}

export async function matchFiles(
  engine: PipelineEngine,
  of: typeof files,
  { carry = { what: 'nothing', sources: [] }, firstBatch = 1 }: { carry?: Carry; firstBatch?: number } = {},
) {
  const paths: Record<string, string[]> = {};
  for (const [index, source] of (['bank', 'ledger'] as const).entries()) {
    paths[source] = [(await load(engine, source, of[source], firstBatch + index)).recordsPath];
  }
  return match(engine, paths, carry);
}

/** Identities are each engine's own; what they stand for is not. */
export function told(change: BreakChange) {
  if (change.kind === 'gone') return { kind: 'gone', leftRow: change.leftRow, rightRow: change.rightRow };
  const { identity: _identity, contentHash: _hash, ...seen } = change.observed;
  const opened = change.kind === 'opened' && { openedAt: change.openedAt };
  return { kind: change.kind, ...opened, follows: 'previousBreakId' in change, ...seen };
}

export async function changesOf(engine: PipelineEngine, compared: { changesPath: string; changes: number }) {
  const changes: BreakChange[] = [];
  // Page by page, as settling reads them.
  for (let offset = 0; offset < compared.changes; offset += 2) {
    const own = directory();
    const path = fetchInto(own, compared.changesPath);
    changes.push(...(await engine.changes({ directory: own, path, offset, limit: 2 })));
  }
  return changes;
}

export async function twoRuns(engine: PipelineEngine, closed: boolean) {
  const before = await compare(engine, (await matchFiles(engine, files)).breaksPath, undefined, 1);
  const after = await compare(
    engine,
    (await matchFiles(engine, later, { firstBatch: 3 })).breaksPath,
    before.ledgerPath,
    2,
    { closed },
  );
  return { before, after };
}

export const sorted = (items: unknown[]): string[] =>
  items.map((item) => JSON.stringify(item, Object.keys(flat(item)).sort())).sort();
function flat(item: unknown): Record<string, unknown> {
  const names: Record<string, unknown> = {};
  JSON.stringify(item, (name, value) => {
    names[name] = true;
    return value;
  });
  return names;
}
