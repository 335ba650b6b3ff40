// The twin engine's comparison of a run's breaks with the ledger of those that were known.
import { join } from 'node:path';
import type { BreakChange, CompareRequest } from '../../shared/app/pipeline-engine.ts';
import type { ObservedBreak } from '../../shared/domain/break.ts';
import { readJson, writeJson } from './twin-records.ts';

export type LedgerRow = {
  identity: string;
  contentHash: string;
  breakId: string;
  state: 'open' | 'gone';
  source: string;
  leftRow: number | null;
  rightRow: number | null;
  openedAt: number;
};

export async function compare(request: CompareRequest) {
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
