// The break management surface as one API over whatever it is given: AWS in index.ts, memory twins in tests.
import { type BreaksRoutes, breaksRoutes } from '../../shared/contracts/breaks/routes.ts';
import type { BreaksActor } from '../../shared/domain/breaks-actor.ts';
import { type Api, type ApiParts, createApi } from '../../shared/http/api.ts';
import { authenticate } from './auth.ts';
import type { BreaksDeps } from './breaks-deps.ts';
import { breaksEnvelope } from './envelope.ts';
import { activityHandlers } from './handlers/activity.ts';
import { authHandlers } from './handlers/auth.ts';
import { batchHandlers } from './handlers/batches.ts';
import { breakHandlers } from './handlers/breaks.ts';
import { definitionHandlers } from './handlers/definitions.ts';
import { exportHandlers } from './handlers/exports.ts';
import { runHandlers } from './handlers/runs.ts';
import { systemHandlers } from './handlers/system.ts';
import { authenticateDownload } from './ticket-auth.ts';

export function createBreaksApi(deps: BreaksDeps, onFault: ApiParts<BreaksRoutes, BreaksActor>['onFault']): Api {
  return createApi<BreaksRoutes, BreaksActor>({
    surface: 'breaks',
    routes: breaksRoutes,
    handlers: {
      ...authHandlers(deps),
      ...activityHandlers(deps),
      ...exportHandlers(deps),
      ...runHandlers(deps),
      ...breakHandlers(deps),
      ...definitionHandlers(deps),
      ...batchHandlers(deps),
      ...systemHandlers(deps),
    },
    authenticate: (request, route, { runId }) =>
      route.auth === 'ticket' ? authenticateDownload(deps, request, runId) : authenticate(deps, request),
    envelope: breaksEnvelope,
    limits: deps.limits,
    counter: deps.counter,
    idempotency: deps.idempotency,
    onFault,
  });
}
