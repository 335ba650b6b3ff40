// How many pieces a run is split into. One piece is matched as it is; more are shuffled by key first.
import { tasksPerStageMax } from './run.ts';

export type ChunkLimits = { rowsPerChunk: number; bytesPerChunk: number; chunksForced?: number };

export function planChunks(size: { rows: number; bytes: number }, limits: ChunkLimits): number {
  const wanted =
    limits.chunksForced ??
    Math.max(Math.ceil(size.rows / limits.rowsPerChunk), Math.ceil(size.bytes / limits.bytesPerChunk));
  return Math.min(Math.max(wanted, 1), tasksPerStageMax);
}

/** Splits a list of parts into ranges [from, to), at most `groupsMax` of them, of nearly equal length. */
export function groupParts(parts: number, groupsMax: number): { from: number; to: number }[] {
  const size = Math.max(1, Math.ceil(parts / groupsMax));
  const groups: { from: number; to: number }[] = [];
  for (let from = 0; from < parts; from += size) groups.push({ from, to: Math.min(from + size, parts) });
  return groups;
}
