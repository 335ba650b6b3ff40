// Everything the recon surface is given, built once per cold start in index.ts and from memory twins in tests.

import type { DecisionDeps } from '../../shared/app/decisions/decision-deps.ts';
import type { Deps } from '../../shared/app/deps.ts';
import type { UploadDeps } from '../../shared/app/files/upload-deps.ts';
import type { IdentityDeps } from '../../shared/app/identity/identity-deps.ts';
import type { RegistrationPolicy } from '../../shared/app/identity/register-user.ts';
import type { ReadDeps } from '../../shared/app/reconciliations/visible-reconciliation.ts';
import type { RateLimits } from '../../shared/http/rate-limit.ts';
import type { IdempotencyStore } from '../../shared/ports/idempotency-store.ts';
import type { ResultQuery } from '../../shared/ports/result-query.ts';

export type ReconDeps = IdentityDeps &
  UploadDeps &
  ReadDeps &
  DecisionDeps &
  Pick<Deps, 'batches' | 'reviews' | 'activity' | 'settings'> & {
    results: ResultQuery;
    idempotency: IdempotencyStore;
    limits: RateLimits;
    registration: RegistrationPolicy;
    /** How long a request waits for an export to be made, well inside what the gateway waits. */
    exportWaitMs: number;
    /** Where this surface is reached, without a slash at the end. */
    publicBaseUrl: string;
  };
