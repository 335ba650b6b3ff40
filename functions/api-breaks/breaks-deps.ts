// Everything the break management surface is given, built once per cold start in index.ts and from memory twins in tests.
import type { Deps } from '../../shared/app/deps.ts';
import type { DirectoryIdentityDeps } from '../../shared/app/identity/directory-deps.ts';
import type { FallbackGroups } from '../../shared/domain/break-access.ts';
import type { RateLimits } from '../../shared/http/rate-limit.ts';
import type { IdempotencyStore } from '../../shared/ports/idempotency-store.ts';
import type { NumberStore } from '../../shared/ports/number-store.ts';
import type { ObjectLinks } from '../../shared/ports/object-store.ts';
import type { RunView } from '../../shared/ports/run-view.ts';
import type { RunWorkbook } from '../../shared/ports/run-workbook.ts';
import type { TicketStore } from '../../shared/ports/ticket-store.ts';

export type BreaksDeps = DirectoryIdentityDeps &
  Pick<
    Deps,
    | 'reconciliations'
    | 'batches'
    | 'runs'
    | 'breaks'
    | 'bulks'
    | 'activity'
    | 'outbox'
    | 'objects'
    | 'queue'
    | 'clock'
    | 'ids'
    | 'settings'
  > & {
    /** Makers and checkers of definitions without access entries. */
    fallbackGroups: FallbackGroups;
    view: RunView;
    tickets: TicketStore;
    workbooks: RunWorkbook;
    links: ObjectLinks;
    /** How long a request waits for a workbook to be made, well inside what the gateway waits. */
    exportWaitMs: number;
    numbers: NumberStore;
    /** How long a request waits for its run, well inside what the gateway waits. */
    runWaitMs: number;
    /** How long a request waits for its batch. */
    loadWaitMs: number;
    pause(ms: number): Promise<void>;
    idempotency: IdempotencyStore;
    limits: RateLimits;
    /** Where this surface is reached, without a slash at the end. */
    publicBaseUrl: string;
  };
