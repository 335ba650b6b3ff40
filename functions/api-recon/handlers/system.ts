// Probes and the description of the surface.
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import type { systemRoutes } from '../../../shared/contracts/recon/system.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { apiVersion, describeRecon } from '../description.ts';
import type { ReconDeps } from '../recon-deps.ts';

export function systemHandlers(deps: ReconDeps): Handlers<typeof systemRoutes, SignedInActor> {
  let description: Record<string, unknown> | undefined;
  const healthy = () =>
    ok({ status: 'healthy' as const, timestamp: new Date(deps.clock.now()).toISOString(), version: apiVersion });
  return {
    health: async () => healthy(),
    live: async () => healthy(),
    async ready() {
      try {
        await deps.users.byEmail('readiness@probe.invalid');
        return healthy();
      } catch {
        return fail('SERVICE_UNAVAILABLE', 'The table does not answer');
      }
    },
    async openApi() {
      description ??= describeRecon(deps.publicBaseUrl);
      return ok(description);
    },
  };
}
