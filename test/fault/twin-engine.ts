// The pipeline's engine in plain JavaScript, for simulations: files hold JSON, keys are compared exactly. It knows
// text and decimal fields, bare column mappings and snapshots of up to a few thousand rows, and nothing else;
// test/contract/pipeline-engine.test.ts holds what it does know to the real engine.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../shared/app/batches/load-hash.ts';
import { sha256 } from '../../shared/app/derived-id.ts';
import type {
  BreakChange,
  CompareRequest,
  LoadRequest,
  MatchRequest,
  PipelineEngine,
} from '../../shared/app/pipeline-engine.ts';
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
import { apartOf, joinMembers, pairUp, pick, present, type TwinMatch, takeTogether } from './twin-decisions.ts';
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

type LedgerRow = {
  identity: string;
  contentHash: string;
  breakId: string;
  state: 'open' | 'gone';
  source: string;
  leftRow: number | null;
  rightRow: number | null;
  openedAt: number;
};

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

async function compare(request: CompareRequest) {
  const { directory } = request;
  const current: ObservedBreak[] = [];
  for (const path of request.breaksPaths) current.push(...(await readJson<ObservedBreak[]>(path)));
  const before = request.ledgerPath === undefined ? [] : await readJson<LedgerRow[]>(request.ledgerPath);
  const ledger = new Map(before.map((row) => [row.identity, row]));
  keepIdentities(current, before);
  const changedIds = current.flatMap((item) => {
    const known = ledger.get(item.identity);
    return known?.state === 'open' && known.contentHash !== item.contentHash ? [known.breakId] : [];
  });
  const closed = changedIds.length > 0 ? await request.closedAmong(changedIds) : new Set<string>();
  const [opened, changed, gone]: [BreakChange[], BreakChange[], BreakChange[]] = [[], [], []];
  const seen = new Set<string>();
  let newest = request.breaksOpened;
  let followingNone = 0;
  for (const item of [...current].sort((a, b) => (a.identity < b.identity ? -1 : 1))) {
    if (seen.has(item.identity)) throw new Error(`two breaks of identity ${item.identity}`);
    seen.add(item.identity);
    const known = ledger.get(item.identity);
    const same = known?.state === 'open' && known.contentHash === item.contentHash;
    const follows = known !== undefined && (known.state === 'gone' || (!same && closed.has(known.breakId)));
    const opens = !known || follows;
    if (opens) newest += 1;
    const breakId = opens ? String(newest) : known.breakId;
    const openedAt = opens ? request.openedAt : known.openedAt;
    const { identity, contentHash, source, leftRow, rightRow } = item;
    ledger.set(identity, { identity, contentHash, breakId, state: 'open', source, leftRow, rightRow, openedAt });
    if (same) continue;
    if (opens) {
      const previous = follows ? { previousBreakId: known!.breakId } : {};
      if (!follows) followingNone += 1;
      if (follows || followingNone <= request.breakItemsMax)
        opened.push({ kind: 'opened', breakId, openedAt, ...previous, observed: item });
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
  return { ...paths, changes: changes.length, opened: newest - request.breaksOpened };
}

/** A break of the same record as a known one is that one, whatever its number among those of its key is now. */
function keepIdentities(current: ObservedBreak[], before: LedgerRow[]): void {
  const open = before.filter(({ state }) => state === 'open');
  const ofLeft = (a: LedgerRow, b: ObservedBreak) => a.leftRow !== null && a.leftRow === b.leftRow;
  const ofRight = (a: LedgerRow, b: ObservedBreak) =>
    a.rightRow !== null && a.rightRow === b.rightRow && a.source === b.source;
  const stays = (item: ObservedBreak) =>
    open.some((row) => row.identity === item.identity && (ofLeft(row, item) || ofRight(row, item)));
  const lost = current.filter((item) => !stays(item));
  const held = new Set(current.filter(stays).map(({ identity }) => identity));
  const moved = new Map<ObservedBreak, string>();
  for (const same of [ofLeft, ofRight])
    for (const item of lost) {
      const row = open.find((one) => same(one, item) && !held.has(one.identity));
      if (!row || moved.has(item)) continue;
      moved.set(item, row.identity);
      held.add(row.identity);
    }
  const taken = new Set([...before.map(({ identity }) => identity), ...current.map(({ identity }) => identity)]);
  const kept = new Set(moved.values());
  for (const item of lost) {
    let identity = moved.get(item) ?? item.identity;
    if (!moved.has(item) && kept.has(identity)) while (taken.has(identity)) identity = `other:${identity}`;
    item.identity = identity;
  }
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
