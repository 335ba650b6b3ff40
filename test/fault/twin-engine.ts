// The pipeline's engine in plain JavaScript, for simulations: files hold JSON, keys are compared exactly. It knows
// text and decimal fields, bare column mappings and snapshots of up to a few thousand rows, and nothing else;
// test/contract/pipeline-engine.test.ts holds what it does know to the real engine.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../shared/app/batches/load-hash.ts';
import { breakIdOf, sha256 } from '../../shared/app/derived-id.ts';
import type {
  BreakChange,
  CompareRequest,
  LoadRequest,
  MatchRequest,
  PipelineEngine,
} from '../../shared/app/pipeline-engine.ts';
import type { FieldDifference, ObservedBreak } from '../../shared/domain/break.ts';
import { fromScaled, toScaled } from '../../shared/domain/decimal.ts';
import type { Definition, Field } from '../../shared/domain/definition.ts';
import {
  addSums,
  emptyYield,
  type MatchSummary,
  outcomes,
  type RowOutcome,
  rowReference,
  type SideSums,
} from '../../shared/domain/outcome.ts';
import type { LoadedField } from '../../shared/domain/record.ts';
import { fail, ok } from '../../shared/domain/result.ts';

type Values = Record<string, string | null>;
type TwinRecord = { row: number; key: string | null; values: Values };
type LedgerRow = {
  identity: string;
  contentHash: string;
  breakId: string;
  state: 'open' | 'gone';
  source: string;
  leftRow: number | null;
  rightRow: number | null;
};
export type TwinMatch = { key: string; source: string; leftRow: number; rightRow: number };

export const twinEngine: PipelineEngine = {
  load,
  async matchKeys() {
    throw new Error('the twin knows the exact key alone; passes after it are simulated with the real engine');
  },
  async propose({ name, files, keyFields }) {
    const headers: string[][] = [];
    for (const { path } of files) headers.push((await readFile(path, 'utf8')).split('\n')[0]!.split(','));
    const shared = headers[0]!.filter((column) => headers.every((header) => header.includes(column)));
    const keys = keyFields ?? shared.slice(0, 1);
    if (keys.length === 0) return fail('NO_SHARED_KEY');
    return ok({
      name,
      sources: files.map(({ source }, index) => ({ name: source, ...(index === 0 && { anchor: true }) })),
      fields: shared.map((column) => ({
        name: column,
        role: keys.includes(column) ? ('KEY' as const) : ('COMPARE' as const),
        type: 'text' as const,
        mapping: Object.fromEntries(files.map(({ source }) => [source, column])),
      })),
      passes: [{ kind: 'exact-key' as const }],
    });
  },
  async partition({ directory, records, chunks }) {
    const all = await readAll(records.paths);
    const paths = [];
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const path = join(directory, `chunk-${chunk}`);
      await writeJson(
        path,
        all.filter((record) => chunkOf(record.key, chunks) === chunk),
      );
      paths.push(path);
    }
    return paths;
  },
  match,
  compare,
  async changes({ path, offset, limit }) {
    return (await readJson<BreakChange[]>(path)).slice(offset, offset + limit);
  },
};

async function load({ directory, definition, source, path, batchNumber }: LoadRequest) {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  const [header, ...rows] = lines.map((line) => line.split(','));
  if (!header || rows.length === 0) return fail('FILE_EMPTY');
  const fields = definition.fields.filter((field) => field.mapping[source] !== undefined);
  const records: TwinRecord[] = [];
  const rejects: string[] = [];
  for (const [index, cells] of rows.entries()) {
    const values: Values = Object.fromEntries(
      fields.map((field) => [field.name, cells[header.indexOf(field.mapping[source] as string)] || null]),
    );
    const bad = fields.some(
      ({ name, type }) => type === 'decimal' && values[name] && !/^-?\d+(\.\d+)?$/.test(values[name]!),
    );
    if (bad) rejects.push(cells.join(','));
    else records.push({ row: rowReference(batchNumber, index + 1), key: keyOf(definition, values), values });
  }
  const [recordsPath, rejectsPath] = [join(directory, 'records'), join(directory, 'rejects')];
  await writeJson(recordsPath, records);
  if (rejects.length > 0) await writeJson(rejectsPath, rejects);
  return ok({
    recordsPath,
    ...(rejects.length > 0 && { rejectsPath }),
    rows: { read: rows.length, records: records.length, rejected: rejects.length, excluded: 0 },
    sums: sumsOf(definition, records),
    fields: fieldsOf(definition, source),
    readings: Object.fromEntries(fields.map(({ name, type = 'text' }) => [name, { type }])),
  });
}

function fieldsOf(definition: Definition, source: string): LoadedField[] {
  return definition.fields
    .filter((field) => field.mapping[source] !== undefined)
    .map(({ name, type = 'text' }) => ({ name, type, sqlType: type === 'decimal' ? 'DECIMAL(18,2)' : 'VARCHAR' }));
}

async function match({ directory, definition, records, carry }: MatchRequest) {
  const sides = [];
  for (const { source, paths } of records) sides.push({ source, records: await readAll(paths) });
  const [anchor, ...legs] = sides;
  const matches: TwinMatch[] = [];
  const breaks: ObservedBreak[] = [];
  const anchorOutcome = new Map<number, { outcome: RowOutcome; found?: ObservedBreak }>();
  const outcomeOf = new Map<string, Map<number, RowOutcome>>(sides.map((side) => [side.source, new Map()]));
  const pairs = legs.map((leg) => ({ source: leg.source, matched: 0, mismatched: 0 }));
  const see = (record: TwinRecord, outcome: RowOutcome, found?: ObservedBreak): void => {
    const known = anchorOutcome.get(record.row);
    if (known && outcomes.indexOf(known.outcome) <= outcomes.indexOf(outcome)) return;
    anchorOutcome.set(record.row, { outcome, ...(found && { found }) });
  };
  for (const [number, leg] of legs.entries()) {
    const [lefts, rights] = [byKey(anchor!.records), byKey(leg.records)];
    for (const key of new Set([...lefts.keys(), ...rights.keys()])) {
      const [left, right] = [sorted(lefts.get(key)), sorted(rights.get(key))];
      const met = key !== '' && left.length > 0 && right.length > 0;
      const paired = met ? Math.min(left.length, right.length) : 0;
      for (let index = 0; index < paired; index += 1) {
        const differences = compareValues(definition, leg.source, left[index]!.values, right[index]!.values);
        if (differences.length === 0) {
          matches.push({ key, source: leg.source, leftRow: left[index]!.row, rightRow: right[index]!.row });
          outcomeOf.get(leg.source)!.set(right[index]!.row, 'matched');
          pairs[number]!.matched += 1;
          see(left[index]!, 'matched');
        } else {
          outcomeOf.get(leg.source)!.set(right[index]!.row, 'mismatched');
          pairs[number]!.mismatched += 1;
          see(
            left[index]!,
            'mismatched',
            observed('MISMATCH', null, leg.source, left[index]!, right[index]!, index + 1, differences),
          );
        }
      }
      const [outcome, type] = met ? (['duplicate', 'DUPLICATE'] as const) : (['missing', 'MISSING'] as const);
      for (const [index, record] of left.slice(paired).entries()) {
        see(record, outcome, observed(type, met ? null : leg.source, leg.source, record, null, paired + index + 1, []));
      }
      for (const [index, record] of right.slice(paired).entries()) {
        outcomeOf.get(leg.source)!.set(record.row, outcome);
        breaks.push(observed(type, met ? null : anchor!.source, leg.source, null, record, paired + index + 1, []));
      }
    }
  }
  for (const [row, { outcome, found }] of anchorOutcome) {
    outcomeOf.get(anchor!.source)!.set(row, outcome);
    if (found) breaks.unshift(found);
  }
  // One break per key and occurrence, whichever legs it shows on: the anchor's first.
  const merged = [...new Map(breaks.toReversed().map((item) => [item.identity, item])).values()];
  breaks.splice(0, breaks.length, ...merged);
  const summary: MatchSummary = {
    sides: sides.map(({ source, records: all }) => sideSummary(definition, source, all, outcomeOf.get(source)!)),
    pairs,
    breaks: { MISMATCH: 0, MISSING: 0, DUPLICATE: 0, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 0 },
    passes: [{ ...emptyYield('1-exact-key'), pairs: matches.length }],
  };
  for (const item of breaks) summary.breaks[item.type] += 1;
  const [matchesPath, breaksPath] = [join(directory, 'matches'), join(directory, 'breaks')];
  await writeJson(matchesPath, matches);
  await writeJson(breaksPath, breaks);
  const carried = [];
  for (const { source, records: all } of sides) {
    if (!carry.sources.includes(source)) continue;
    const kept = all.filter(({ row }) => carry.what === 'all' || outcomeOf.get(source)!.get(row) !== 'matched');
    const path = join(directory, `carried-${source}`);
    await writeJson(path, kept);
    carried.push({
      source,
      path,
      rows: kept.length,
      sums: sumsOf(definition, kept),
      fields: fieldsOf(definition, source),
    });
  }
  return ok({ matchesPath, breaksPath, summary, carried });
}

async function compare(request: CompareRequest) {
  const { directory, tenant, reconciliationId, runNumber } = request;
  const current: ObservedBreak[] = [];
  for (const path of request.breaksPaths) current.push(...(await readJson<ObservedBreak[]>(path)));
  const before = request.ledgerPath === undefined ? [] : await readJson<LedgerRow[]>(request.ledgerPath);
  const ledger = new Map(before.map((row) => [row.identity, row]));
  const changedIds = current.flatMap((item) => {
    const known = ledger.get(item.identity);
    return known?.state === 'open' && known.contentHash !== item.contentHash ? [known.breakId] : [];
  });
  const closed = changedIds.length > 0 ? await request.closedAmong(changedIds) : new Set<string>();
  const [opened, changed, gone]: [BreakChange[], BreakChange[], BreakChange[]] = [[], [], []];
  const seen = new Set<string>();
  for (const item of [...current].sort((a, b) => (a.identity < b.identity ? -1 : 1))) {
    if (seen.has(item.identity)) throw new Error(`two breaks of identity ${item.identity}`);
    seen.add(item.identity);
    const known = ledger.get(item.identity);
    const fresh = breakIdOf(tenant, reconciliationId, runNumber, item.identity);
    const same = known?.state === 'open' && known.contentHash === item.contentHash;
    const follows = known !== undefined && (known.state === 'gone' || (!same && closed.has(known.breakId)));
    const breakId = known && !follows ? known.breakId : fresh;
    const { identity, contentHash, source, leftRow, rightRow } = item;
    ledger.set(identity, { identity, contentHash, breakId, state: 'open', source, leftRow, rightRow });
    if (same) continue;
    if (!known || follows) {
      const previous = follows ? { previousBreakId: known!.breakId } : {};
      if (opened.length < request.breakItemsMax) opened.push({ kind: 'opened', breakId, ...previous, observed: item });
    } else changed.push({ kind: 'changed', breakId, observed: item });
  }
  for (const row of ledger.values()) {
    if (row.state === 'gone' || seen.has(row.identity)) continue;
    const { breakId, source, leftRow, rightRow } = row;
    gone.push({ kind: 'gone', breakId, source, leftRow, rightRow });
    ledger.set(row.identity, { ...row, state: 'gone' });
  }
  const changes = [...opened, ...changed, ...gone];
  const paths = {
    breaksPath: join(directory, 'all-breaks'),
    ledgerPath: join(directory, 'new-ledger'),
    changesPath: join(directory, 'new-changes'),
  };
  await writeJson(paths.breaksPath, current);
  await writeJson(paths.ledgerPath, [...ledger.values()]);
  await writeJson(paths.changesPath, changes);
  return { ...paths, changes: changes.length };
}

function observed(
  type: ObservedBreak['type'],
  missingIn: string | null,
  source: string,
  left: TwinRecord | null,
  right: TwinRecord | null,
  occurrence: number,
  differences: FieldDifference[],
): ObservedBreak {
  const key = (left ?? right)!.key;
  const item = { type, missingIn, key, source, left: left?.values ?? null, right: right?.values ?? null, differences };
  const identity = `${key ?? canonicalJson(item)}#${occurrence}`;
  return {
    ...item,
    identity,
    occurrence,
    leftRow: left?.row ?? null,
    rightRow: right?.row ?? null,
    contentHash: sha256(canonicalJson(item)),
  };
}

function compareValues(definition: Definition, source: string, left: Values, right: Values): FieldDifference[] {
  return definition.fields
    .filter((field) => field.role === 'COMPARE' && !same(field, left[field.name] ?? null, right[field.name] ?? null))
    .map(({ name, type }) => {
      const [a, b] = [left[name] ?? null, right[name] ?? null];
      const difference = type === 'decimal' && a !== null && b !== null ? minus(b, a) : null;
      return { source, field: name, left: a, right: b, difference };
    });
}

function same(field: Field, a: string | null, b: string | null): boolean {
  if (a === null || b === null || field.type !== 'decimal') return a === b;
  return toScaled(minus(a, b)).units === 0n;
}

function minus(a: string, b: string): string {
  const [x, y] = [toScaled(a), toScaled(b)];
  const scale = Math.max(x.scale, y.scale);
  return fromScaled(x.units * 10n ** BigInt(scale - x.scale) - y.units * 10n ** BigInt(scale - y.scale), scale);
}

function sideSummary(
  definition: Definition,
  source: string,
  records: TwinRecord[],
  outcomeOfRow: Map<number, RowOutcome>,
): MatchSummary['sides'][number] {
  const of = (outcome: RowOutcome): TwinRecord[] =>
    records.filter((record) => outcomeOfRow.get(record.row) === outcome);
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, of(outcome).length])) as Record<
    RowOutcome,
    number
  >;
  const sums = Object.fromEntries(outcomes.map((outcome) => [outcome, sumsOf(definition, of(outcome))]));
  return {
    source,
    counts: { rows: records.length, ...counts, rejected: 0, excluded: 0 },
    sums: sums as Record<RowOutcome, SideSums>,
  };
}

function sumsOf(definition: Definition, records: TwinRecord[]): SideSums {
  let sums: SideSums = {};
  for (const { values } of records) {
    const currency = (definition.currencyField && values[definition.currencyField]) || '';
    for (const { name, type } of definition.fields) {
      const value = values[name];
      if (type === 'decimal' && value) sums = addSums(sums, { [name]: { [currency]: value } });
    }
  }
  return sums;
}

function keyOf(definition: Definition, values: Values): string | null {
  const keys = definition.fields.filter((field) => field.role === 'KEY').map((field) => values[field.name] ?? null);
  return keys.every((key) => key === null) ? null : keys.map((key) => key ?? '').join('\u001f');
}

function byKey(records: TwinRecord[]): Map<string, TwinRecord[]> {
  return Map.groupBy(records, (record) => record.key ?? '');
}

function sorted(records: TwinRecord[] | undefined): TwinRecord[] {
  return (records ?? []).toSorted((a, b) => (canonicalJson(a.values) < canonicalJson(b.values) ? -1 : 1));
}

function chunkOf(key: string | null, chunks: number): number {
  return (
    createHash('md5')
      .update(key ?? '')
      .digest()
      .readUInt32BE(0) % chunks
  );
}

async function readAll(paths: string[]): Promise<TwinRecord[]> {
  const all: TwinRecord[] = [];
  for (const path of paths) all.push(...(await readJson<TwinRecord[]>(path)));
  return all;
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, JSON.stringify(value));
}
