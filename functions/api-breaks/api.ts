// The break management surface as one API over whatever it is given: AWS in index.ts, memory twins in tests.
import { type BreaksRoutes, breaksRoutes } from '../../shared/contracts/breaks/routes.ts';
import type { BreaksActor } from '../../shared/domain/breaks-actor.ts';
import { type Api, type ApiParts, createApi } from '../../shared/http/api.ts';
import { authenticate } from './auth.ts';
import type { BreaksDeps } from './breaks-deps.ts';
import { breaksEnvelope } from './envelope.ts';
import { activityHandlers } from './handlers/activity.ts';
import { authHandlers } from './handlers/auth.ts';
import { runHandlers } from './handlers/runs.ts';
import { systemHandlers } from './handlers/system.ts';

export function createBreaksApi(deps: BreaksDeps, onFault: ApiParts<BreaksRoutes, BreaksActor>['onFault']): Api {
  return createApi<BreaksRoutes, BreaksActor>({
    surface: 'breaks',
    routes: breaksRoutes,
    handlers: {
      ...authHandlers(deps),
      ...activityHandlers(deps),
      ...runHandlers(deps),
      ...systemHandlers(deps),
    },
    authenticate: (request) => authenticate(deps, request),
    envelope: breaksEnvelope,
    limits: deps.limits,
    counter: deps.counter,
    idempotency: deps.idempotency,
    onFault,
  });
}
