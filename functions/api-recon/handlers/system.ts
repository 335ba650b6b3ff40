// Probes, the policies in force, the description of the surface.
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import { failuresPerAccountMax, failuresPerAddressMax, signInWindowMs } from '../../../shared/app/identity/sign-in.ts';
import type { systemRoutes } from '../../../shared/contracts/recon/system.ts';
import { passwordPolicy } from '../../../shared/domain/password-policy.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import { accessTokenSeconds, sessionDays } from '../../../shared/domain/session.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { apiVersion, describeRecon } from '../description.ts';
import { data } from '../envelope.ts';
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
    async securityConfig() {
      const { charactersMin, charactersMax, needs } = passwordPolicy;
      return ok(
        data({
          password_policy: { min_length: charactersMin, max_length: charactersMax, requires: [...needs] },
          session_policy: {
            access_token_seconds: accessTokenSeconds,
            session_days: sessionDays,
            refresh_tokens: 'single use' as const,
          },
          sign_in_policy: {
            failures_per_address_max: failuresPerAddressMax,
            failures_per_account_max: failuresPerAccountMax,
            window_seconds: signInWindowMs / 1000,
          },
          self_registration: deps.registration.tenant !== undefined,
        }),
      );
    },
    async openApi() {
      description ??= describeRecon(deps.publicBaseUrl);
      return ok(description);
    },
  };
}
