// What a settled run does to the break of one identity. Pure; what a person did in the meantime is respected.
import {
  type Break,
  type BreakCandidate,
  type BreakEntry,
  type BreakRef,
  isGone,
  type ObservedBreak,
} from './break.ts';
import { anchorOf, type Definition } from './definition.ts';
import type { BatchMark } from './feed.ts';
import { splitRowReference } from './outcome.ts';
import type { Run } from './run.ts';

/** Long values are cut here; the whole stays in Parquet. */
export const valueBytesMax = 1024;

export type SettledBy = { runId: string; number: number; at: string; breaksKey: string };

/** `openedAt`: epoch milliseconds, the same as in the ledger. */
export type OpenedBreak = { observed: ObservedBreak; openedAt: number; previousBreakId?: string };

export function openBreak(
  ref: BreakRef,
  { observed, openedAt, previousBreakId }: OpenedBreak,
  by: Omit<SettledBy, 'at'>,
): Break {
  return {
    ...ref,
    ...shortened(observed, by.breaksKey),
    status: 'OPEN',
    firstRunId: by.runId,
    firstRunNumber: by.number,
    lastRunId: by.runId,
    lastRunNumber: by.number,
    openedAt: new Date(openedAt).toISOString(),
    ...(previousBreakId !== undefined && { previousBreakId }),
    version: 1,
  };
}

/**
 * New values under a known break. Whatever was proposed or decided about the old values is void: it is OPEN again, and its
 * history says so. A break that was closed before the run decided its outcome never comes here: a linked new one follows it.
 * Undefined when there is nothing left to do, because this very run did it before a crash.
 */
export function changeBreak(
  stored: Break,
  observed: ObservedBreak,
  by: SettledBy,
): { break: Break; entries: BreakEntry[] } | undefined {
  if (stored.lastRunNumber >= by.number) return undefined;
  const {
    closedAt: _at,
    closedReason: _reason,
    closedBy: _by,
    submittedBy: _maker,
    goneRunNumber: _gone,
    valuesKey: _values,
    explanation: _why,
    anomalies: _unusual,
    ...open
  } = stored;
  const voided = stored.status !== 'OPEN';
  const number = (stored.entries ?? 0) + 1;
  const entry: BreakEntry = {
    number,
    at: by.at,
    actorDn: 'SYSTEM',
    action: 'VALUES_CHANGED',
    status: { from: stored.status, to: 'OPEN' },
  };
  return {
    break: {
      ...open,
      ...shortened(observed, by.breaksKey),
      status: 'OPEN',
      lastRunId: by.runId,
      lastRunNumber: by.number,
      ...(voided && { entries: number }),
      version: stored.version + 1,
    },
    entries: voided ? [entry] : [],
  };
}

/** What a person has closed stays as they closed it. Undefined when this very run, or an earlier one, has done it already. */
export function closeGoneBreak(stored: Break, reason: string, by: SettledBy): Break | undefined {
  if (isGone(stored)) return undefined;
  const gone = { ...stored, goneRunNumber: by.number, version: stored.version + 1 };
  if (stored.status === 'CLOSED') return gone;
  return {
    ...gone,
    status: 'CLOSED',
    closedAt: by.at,
    closedReason: reason,
    closedBy: 'system',
    lastRunId: by.runId,
    lastRunNumber: by.number,
  };
}

/**
 * Why a break is gone. `byHand`: records that persons put together, whatever a snapshot shows. A record of an increment never just disappears: it was matched, or its batch was withdrawn. What
 * a snapshot showed may be absent from the next.
 */
export function goneReason(
  gone: { source: string; leftRow: number | null; rightRow: number | null },
  definition: Definition,
  withdrawn: BatchMark[],
  byHand: ReadonlySet<number> = new Set(),
): 'absent' | 'matched' | 'withdrawn' {
  const rows = [
    { source: anchorOf(definition).name, row: gone.leftRow },
    { source: gone.source, row: gone.rightRow },
  ].filter((present) => present.row !== null);
  const numbers = new Set(withdrawn.map((mark) => mark.number));
  if (rows.some(({ row }) => numbers.has(splitRowReference(row!).batchNumber))) return 'withdrawn';
  if (rows.some(({ row }) => byHand.has(row!))) return 'matched';
  const increments = definition.sources.filter((source) => source.load === 'increment').map((source) => source.name);
  return rows.every(({ source }) => increments.includes(source)) ? 'matched' : 'absent';
}

export function settledBy(run: Run, at: string): SettledBy {
  if (!run.results) throw new Error('a run without results settles nothing');
  return { runId: run.runId, number: run.number, at, breaksKey: run.results.breaksKey };
}

function shortened(observed: ObservedBreak, breaksKey: string): ObservedBreak & { valuesKey?: string } {
  let cut = false;
  const short = <Text extends string | null>(text: Text, bytesMax = valueBytesMax): Text => {
    const within = text === null ? text : cutText(text, bytesMax);
    cut ||= within !== text;
    return within as Text;
  };
  const side = (values: ObservedBreak['left']): ObservedBreak['left'] =>
    values && Object.fromEntries(Object.entries(values).map(([field, value]) => [field, short(value)]));
  const candidates = (observed.explanation?.candidates ?? []).map((candidate) => ({
    ...candidate,
    key: short(candidate.key, candidateKeyBytesMax),
  }));
  const best = candidates.slice(0, countWithin(candidates, valueBytesMax));
  cut ||= best.length < candidates.length;
  const { explanation: _whole, ...rest } = observed;
  const item = {
    ...rest,
    key: short(observed.key),
    left: side(observed.left),
    right: side(observed.right),
    differences: observed.differences.map((difference) => ({
      ...difference,
      left: short(difference.left),
      right: short(difference.right),
      difference: short(difference.difference),
    })),
    ...(best.length > 0 && { explanation: { candidates: best } }),
  };
  return cut ? { ...item, valuesKey: breaksKey } : item;
}

/** So that one candidate with a long key is still shown. */
const candidateKeyBytesMax = 256;

function cutText(text: string, bytesMax: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= bytesMax) return text;
  // A character that was cut in two is left out.
  return new TextDecoder().decode(bytes.subarray(0, bytesMax)).replace(/\uFFFD+$/u, '');
}

/** How many of the candidates fit together, from the first. */
function countWithin(candidates: BreakCandidate[], bytesMax: number): number {
  const bytesOf = (count: number) =>
    new TextEncoder().encode(JSON.stringify({ candidates: candidates.slice(0, count) })).length;
  let count = candidates.length;
  while (count > 0 && bytesOf(count) > bytesMax) count -= 1;
  return count;
}
