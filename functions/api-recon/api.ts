// The recon surface as one API over whatever it is given: AWS in index.ts, memory twins in tests.
import type { SignedInActor } from '../../shared/app/identity/identify.ts';
import { type ReconRoutes, reconRoutes } from '../../shared/contracts/recon/routes.ts';
import { type Api, type ApiParts, createApi } from '../../shared/http/api.ts';
import { authenticate } from './auth.ts';
import { reconEnvelope } from './envelope.ts';
import { authHandlers } from './handlers/auth.ts';
import { batchHandlers } from './handlers/batches.ts';
import { dataSourceHandlers } from './handlers/data-sources.ts';
import { decisionHandlers } from './handlers/decisions.ts';
import { fileHandlers } from './handlers/files.ts';
import { jobHandlers } from './handlers/jobs.ts';
import { projectHandlers } from './handlers/projects.ts';
import { resultHandlers } from './handlers/results.ts';
import { reviewHandlers } from './handlers/reviews.ts';
import { systemHandlers } from './handlers/system.ts';
import { userHandlers } from './handlers/users.ts';
import type { ReconDeps } from './recon-deps.ts';

export function createReconApi(deps: ReconDeps, onFault: ApiParts<ReconRoutes, SignedInActor>['onFault']): Api {
  return createApi<ReconRoutes, SignedInActor>({
    surface: 'recon',
    routes: reconRoutes,
    handlers: {
      ...authHandlers(deps),
      ...userHandlers(deps),
      ...projectHandlers(deps),
      ...fileHandlers(deps),
      ...dataSourceHandlers(deps),
      ...jobHandlers(deps),
      ...resultHandlers(deps),
      ...reviewHandlers(deps),
      ...batchHandlers(deps),
      ...decisionHandlers(deps),
      ...systemHandlers(deps),
    },
    authenticate: (request) => authenticate(deps, request),
    envelope: reconEnvelope,
    limits: deps.limits,
    counter: deps.counter,
    idempotency: deps.idempotency,
    onFault,
  });
}
