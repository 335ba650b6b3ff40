// Probes and the description of the surface.
import type { systemRoutes } from '../../../shared/contracts/breaks/system.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import { defaultTenant } from '../../../shared/domain/principal.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import type { BreaksDeps } from '../breaks-deps.ts';
import { apiVersion, describeBreaks } from '../description.ts';

export function systemHandlers(deps: BreaksDeps): Handlers<typeof systemRoutes, BreaksActor> {
  let description: Record<string, unknown> | undefined;
  const healthy = () =>
    ok({ status: 'healthy' as const, timestamp: new Date(deps.clock.now()).toISOString(), version: apiVersion });
  return {
    health: async () => healthy(),
    async ready() {
      try {
        await deps.reconciliations.get({ tenant: defaultTenant, reconciliationId: 'readiness' });
        return healthy();
      } catch {
        return fail('SERVICE_UNAVAILABLE', 'The table does not answer');
      }
    },
    async openApi() {
      description ??= describeBreaks(deps.publicBaseUrl);
      return ok(description);
    },
  };
}
