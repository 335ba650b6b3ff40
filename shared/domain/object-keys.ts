// Names of objects in the store. Every name that code writes or reads is made here.
import type { DecisionRef } from './decision.ts';
import type { ReconciliationRef } from './reconciliation.ts';
import type { RunRef, TaskRef } from './run.ts';

export type DropPath = { tenant: string; code: string; source: string; fileName: string };

/** `drop/<tenant>/<reconciliation>/<source>/<file>` → its parts; undefined when it is not of this form. */
export function parseDropKey(key: string): DropPath | undefined {
  const parts = key.split('/');
  if (parts.length !== 5 || parts[0] !== 'drop' || parts.some((part) => part === '')) return undefined;
  const [, tenant, code, source, fileName] = parts as [string, string, string, string, string];
  return { tenant, code, source, fileName };
}

/** Of a source; what is put in here is loaded. */
export function dropFolder({ tenant, code, source }: Omit<DropPath, 'fileName'>): string {
  return `drop/${tenant}/${code}/${source}/`;
}

export function uploadKey(tenant: string, uploadId: string): string {
  return `uploads/${tenant}/${uploadId}`;
}

export function batchPrefix({ tenant, reconciliationId }: ReconciliationRef, batchId: string): string {
  return `batches/${tenant}/${reconciliationId}/${batchId}`;
}

/** Carries run, stage, task and attempt, so that two attempts never write the same object. */
export function attemptPrefix(task: TaskRef, attempt: number, generation: number): string {
  return `runs/${task.tenant}/${task.reconciliationId}/${task.runId}/${task.stage}/${task.index}/g${generation}-a${attempt}`;
}

/** What an attempt leaves for the next stage alone: nothing that a run's results name. It goes by itself. */
export function scratchPrefix(task: TaskRef, attempt: number, generation: number): string {
  return `scratch/${attemptPrefix(task, attempt, generation)}`;
}

/** The bucket's lifecycle removes scratch that is older. */
export const scratchDays = 7;

/** The pairs that a decision sets apart; they may be millions. */
export function apartKey({ tenant, reconciliationId, decisionId }: DecisionRef): string {
  return `decisions/${tenant}/${reconciliationId}/${decisionId}/apart.parquet`;
}

/** The rows of a group that somebody rejected, of one leg. */
export function groupMembersKey(
  { tenant, reconciliationId }: ReconciliationRef,
  groupId: string,
  source: string,
): string {
  return `decisions/${tenant}/${reconciliationId}/rejected/${groupId}-${encodeURIComponent(source)}.parquet`;
}

/**
 * Where an object that nobody expects is kept, next to `<key>.reason.json`. The name is hostile until proven otherwise:
 * each part is escaped, so that no `..`, quote or NUL survives, and cut, because the key grows by it.
 */
export function unclaimedKey(key: string, versionId: string): string {
  const escaped = key.toWellFormed().split('/').map(escapePart).join('/');
  return `unclaimed/${escaped.slice(0, unclaimedCharactersMax)}/${escapePart(versionId)}`;
}

/** The store takes keys of 1,024 bytes; the version id and the ending take less than 200. */
const unclaimedCharactersMax = 800;

function escapePart(part: string): string {
  return encodeURIComponent(part)
    .replaceAll("'", '%27')
    .replace(/^\.+$/, (dots) => '%2E'.repeat(dots.length));
}

/** Where a file of a run's results lies until the bucket's lifecycle removes it. */
export function exportKey({ tenant, reconciliationId, runId }: RunRef, name: string): string {
  return `exports/${tenant}/${reconciliationId}/${runId}/${name}`;
}

/** `uploads/<tenant>/<upload>` → its parts; undefined when it is not of this form. */
export function parseUploadKey(key: string): { tenant: string; uploadId: string } | undefined {
  const [folder, tenant, uploadId, ...more] = key.split('/');
  if (folder !== 'uploads' || !tenant || !uploadId || more.length > 0) return undefined;
  return { tenant, uploadId };
}
