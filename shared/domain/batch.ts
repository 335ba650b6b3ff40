// One immutable load of one source: an object received, or an upload read for a reconciliation.

import type { InputFormat } from './definition.ts';
import type { SideSums } from './outcome.ts';
import type { ReconciliationRef } from './reconciliation.ts';
import type { LoadedField, LoadedRows } from './record.ts';

/** RECEIVED → PROCESSING → COMPLETE | FAILED | HELD; WITHDRAWN from COMPLETE and HELD. HELD waits for a person. */
export type BatchStatus = 'RECEIVED' | 'PROCESSING' | 'COMPLETE' | 'HELD' | 'FAILED' | 'WITHDRAWN';

/** `line` is of the file; null where it has none. */
export type RejectedLine = { line: number | null; column: string | null; value: string | null; reason: string };

export type Batch = ReconciliationRef & {
  /** Derived from bucket, key and version id of the object: the same object version again is the same batch. */
  batchId: string;
  /** Number within the reconciliation, from 1; part of every row reference. Assigned once, when first received. */
  number: number;
  source: string;
  object: { key: string; versionId: string; bytes: number };
  fileName: string;
  /** Who handed it in, by their full name in the directory; absent where it just arrived. */
  actorDn?: string;
  /** What the person who sent it calls it. */
  label?: string;
  /** How this file alone is read, over what the definition says of its source. */
  input?: InputFormat;
  status: BatchStatus;
  /** SHA-256 of the bytes, hex. */
  checksum?: string;
  /** An earlier batch of this source with equal bytes: released at once for snapshots, held for increments. */
  sameAs?: string;
  rows?: LoadedRows;
  sums?: SideSums;
  fields?: LoadedField[];
  /** SHA-256 of what the definition said about loading this source: another means that it must be loaded again. */
  loadHash?: string;
  /** It was, since it came. */
  loadedAgain?: true;
  recordsKey?: string;
  rejectsKey?: string;
  /** The first of them, for whoever sent the file. */
  rejects?: RejectedLine[];
  /** Why it FAILED or was WITHDRAWN: an error code and a sentence. */
  reason?: { code: string; detail: string };
  /** Times that loading was begun; a batch that kills its workers fails at `attemptsMax`. */
  attempts?: number;
  /** Who let it pass although it is `sameAs` another. */
  releasedBy?: string;
  withdrawnBy?: string;
  /** Loaded for the run that asked for it; it starts no run by itself. */
  onDemand?: boolean;
  /** The run that claimed it; a snapshot may be claimed by several, the last is kept. */
  claimedBy?: string;
  /** Raised by every change; writes are conditional on it. */
  version: number;
  receivedAt: string;
  completedAt?: string;
};
