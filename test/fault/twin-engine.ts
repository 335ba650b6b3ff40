// The pipeline's engine in plain JavaScript, for simulations: files hold JSON, keys are compared exactly. It knows
// text and decimal fields, bare column mappings and snapshots of up to a few thousand rows, and nothing else;
// test/contract/pipeline-engine.test.ts holds what it does know to the real engine.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../shared/app/batches/load-hash.ts';
import { sha256 } from '../../shared/app/derived-id.ts';
import type { BreakChange, LoadRequest, MatchRequest, PipelineEngine } from '../../shared/app/pipeline-engine.ts';
import type { FieldDifference, ObservedBreak } from '../../shared/domain/break.ts';
import type { Definition } from '../../shared/domain/definition.ts';
import {
  emptyYield,
  type MatchSummary,
  outcomes,
  type RowOutcome,
  rowReference,
  type SideSums,
} from '../../shared/domain/outcome.ts';
import { fail, ok } from '../../shared/domain/result.ts';
import { findAnomalies, type TwinAnomalies } from './twin-anomalies.ts';
import { apartOf, joinMembers, pairUp, pick, present, type TwinMatch, takeTogether } from './twin-decisions.ts';
import { compare } from './twin-ledger.ts';
import {
  byKey,
  compareValues,
  fieldsOf,
  keyOf,
  readAll,
  readJson,
  sorted,
  sumsOf,
  type TwinRecord,
  type Values,
  writeJson,
} from './twin-records.ts';

export const twinEngine: PipelineEngine = {
  load,
  matchKeys,
  joinMembers,
  present,
  pick,
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
  findAnomalies,
  async changes({ path, anomaliesPath, offset, limit }) {
    const found = anomaliesPath === undefined ? {} : await readJson<TwinAnomalies>(anomaliesPath);
    const changes = (await readJson<BreakChange[]>(path)).slice(offset, offset + limit);
    return changes.map((change) => {
      if (change.kind === 'gone') return change;
      const anomalies = found[change.observed.identity];
      return { ...change, observed: { ...change.observed, ...(anomalies && { anomalies }) } };
    });
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

async function match({ directory, definition, records, carry, decisions }: MatchRequest) {
  const apart = await apartOf(decisions);
  const sides = [];
  for (const { source, paths } of records) sides.push({ source, records: await readAll(paths) });
  const [anchor, ...legs] = sides;
  const matches: TwinMatch[] = [];
  let groups = 0;
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
    const manual = takeTogether(decisions, leg.source, anchor!.records, leg.records);
    for (const { match: found, left, right } of manual.found) {
      matches.push(...found);
      groups += 1;
      pairs[number]!.matched += found.length;
      for (const record of left) see(record, 'matched');
      for (const record of right) outcomeOf.get(leg.source)!.set(record.row, 'matched');
    }
    const [lefts, rights] = [byKey(manual.left), byKey(manual.right)];
    for (const key of new Set([...lefts.keys(), ...rights.keys()])) {
      const [left, right] = [sorted(lefts.get(key)), sorted(rights.get(key))];
      const met = key !== '' && left.length > 0 && right.length > 0;
      const paired = met ? pairUp(left, right, (a, b) => apart.meets(leg.source, a.row, b.row)) : 0;
      for (let index = 0; index < paired; index += 1) {
        const differences = compareValues(definition, leg.source, left[index]!.values, right[index]!.values);
        if (differences.length === 0) {
          matches.push({ key, source: leg.source, leftRow: left[index]!.row, rightRow: right[index]!.row, pass });
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
      const over = paired > 0;
      const [outcome, type] = over ? (['duplicate', 'DUPLICATE'] as const) : (['missing', 'MISSING'] as const);
      for (const [index, record] of left.slice(paired).entries()) {
        see(
          record,
          outcome,
          observed(type, over ? null : leg.source, leg.source, record, null, paired + index + 1, []),
        );
      }
      for (const [index, record] of right.slice(paired).entries()) {
        outcomeOf.get(leg.source)!.set(record.row, outcome);
        // Both sides of a key have records over only where a pair was undone.
        const occurrence = (met ? left.length : paired) + index + 1;
        breaks.push(observed(type, over ? null : anchor!.source, leg.source, null, record, occurrence, []));
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
    passes: [
      { ...emptyYield(pass), pairs: matches.filter((one) => one.pass === pass).length },
      ...(decisions ? [{ ...emptyYield('manual'), groups }] : []),
    ],
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

const pass = '1-exact-key';

/** The keys that are clean and that no decision is about; everything else is handed on. */
async function matchKeys(request: MatchRequest) {
  const { directory, records, decisions } = request;
  const { rows: apart } = await apartOf(decisions);
  const touched = new Set([...(decisions?.together ?? []).flatMap(({ left, right }) => [...left, ...right]), ...apart]);
  const sides = await Promise.all(
    records.map(async ({ source, paths }) => ({ source, records: await readAll(paths) })),
  );
  const keys = new Set(sides.flatMap((side) => side.records.map(({ key }) => key ?? '')));
  const open = new Set<string>();
  for (const key of keys) {
    const [anchor, ...legs] = sides.map((side) => sorted(side.records.filter((record) => (record.key ?? '') === key)));
    const clean = legs.every(
      (leg, index) =>
        leg.length === anchor!.length &&
        leg.every((record, at) => {
          const differences = compareValues(
            request.definition,
            sides[index + 1]!.source,
            anchor![at]!.values,
            record.values,
          );
          return differences.length === 0;
        }),
    );
    const decided = [anchor!, ...legs].some((of) => of.some(({ row }) => touched.has(row)));
    if (key === '' || !clean || decided) open.add(key);
  }
  const [settled, handed]: [MatchRequest['records'], { source: string; recordsPath: string }[]] = [[], []];
  for (const [index, side] of sides.entries()) {
    const [own, on] = [join(directory, `settled-${index}`), join(directory, `open-${index}`)];
    await writeJson(
      own,
      side.records.filter(({ key }) => !open.has(key ?? '')),
    );
    await writeJson(
      on,
      side.records.filter(({ key }) => open.has(key ?? '')),
    );
    settled.push({ source: side.source, paths: [own] });
    handed.push({ source: side.source, recordsPath: on });
  }
  const { carry } = request;
  const matched = await match({ ...request, records: settled, carry: { what: 'nothing', sources: [] } });
  if (!matched.ok) throw new Error(matched.detail);
  const { breaksPath: _none, ...rest } = matched.value;
  const carried = [];
  for (const { source, records: all } of sides) {
    if (!carry.sources.includes(source)) continue;
    const path = join(directory, `carried-all-${source}`);
    await writeJson(path, all);
    const { definition } = request;
    carried.push({
      source,
      path,
      rows: all.length,
      sums: sumsOf(definition, all),
      fields: fieldsOf(definition, source),
    });
  }
  return { ...rest, carried, open: handed };
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

function chunkOf(key: string | null, chunks: number): number {
  return (
    createHash('md5')
      .update(key ?? '')
      .digest()
      .readUInt32BE(0) % chunks
  );
}
