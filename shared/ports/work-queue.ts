// Work to be done later, at least once, in any order.
import type { RunRef, Stage, TaskRef } from '../domain/run.ts';

export type WorkMessage =
  /** An object arrived in the store; the store's own notification has the same meaning. */
  | { kind: 'object-received'; key: string; versionId: string; bytes: number }
  /** Load (or load again after a crash) a batch that was recorded. */
  | { kind: 'ingest-batch'; tenant: string; reconciliationId: string; batchId: string }
  /** Read an upload and record its columns and rows. */
  | { kind: 'profile-upload'; tenant: string; uploadId: string }
  /** Send a mail that is in the outbox. */
  | { kind: 'send-mail'; tenant: string; mailId: string }
  /** One task of a stage; `prepare`, `plan` and `settle` have one task, number 0. */
  | ({ kind: 'task'; generation: number } & TaskRef)
  /** Look whether a stage is done and advance; sent when a redelivered message finds its task done. */
  | ({ kind: 'advance'; generation: number; stage: Stage } & RunRef);

export type WorkQueue = {
  /** All of them, or throws; a repeat after a throw is harmless. */
  send(messages: WorkMessage[], delaySeconds?: number): Promise<void>;
};
