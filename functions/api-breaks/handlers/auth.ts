// Signing in and out.
import type { DirectoryIdentityDeps } from '../../../shared/app/identity/directory-deps.ts';
import { signInByDirectory } from '../../../shared/app/identity/sign-in-by-directory.ts';
import type { authRoutes } from '../../../shared/contracts/breaks/auth.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import { ok } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';

export function authHandlers(deps: DirectoryIdentityDeps): Handlers<typeof authRoutes, BreaksActor> {
  return {
    async login({ body, request }) {
      const signedIn = await signInByDirectory(deps, { ...body, sourceAddress: request.sourceAddress });
      if (!signedIn.ok) return signedIn;
      const { token, person } = signedIn.value;
      return ok({ token, displayName: person.displayName, groups: person.groups });
    },
    async logout({ actor }) {
      await deps.sessions.revoke(actor);
      return ok({ ended: true as const });
    },
  };
}
