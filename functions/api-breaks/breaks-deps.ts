// Everything the break management surface is given, built once per cold start in index.ts and from memory twins in tests.
import type { Deps } from '../../shared/app/deps.ts';
import type { DirectoryIdentityDeps } from '../../shared/app/identity/directory-deps.ts';
import type { FallbackGroups } from '../../shared/domain/break-access.ts';
import type { RateLimits } from '../../shared/http/rate-limit.ts';
import type { IdempotencyStore } from '../../shared/ports/idempotency-store.ts';
import type { RunView } from '../../shared/ports/run-view.ts';

export type BreaksDeps = DirectoryIdentityDeps &
  Pick<
    Deps,
    | 'reconciliations'
    | 'uploads'
    | 'batches'
    | 'runs'
    | 'tasks'
    | 'breaks'
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
    /** How long a request waits for its run, well inside what the gateway waits. */
    runWaitMs: number;
    pause(ms: number): Promise<void>;
    idempotency: IdempotencyStore;
    limits: RateLimits;
    /** Where this surface is reached, without a slash at the end. */
    publicBaseUrl: string;
  };
