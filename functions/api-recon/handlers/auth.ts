// Signing in and out.
import { changePassword } from '../../../shared/app/identity/change-password.ts';
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import { refreshSession } from '../../../shared/app/identity/refresh-session.ts';
import { registerUser } from '../../../shared/app/identity/register-user.ts';
import { signIn } from '../../../shared/app/identity/sign-in.ts';
import { getUser } from '../../../shared/app/identity/users.ts';
import type { authRoutes } from '../../../shared/contracts/recon/auth.ts';
import { ok } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { created, data, message } from '../envelope.ts';
import { presentSession, presentSessionUser, presentTokens } from '../present/user.ts';
import type { ReconDeps } from '../recon-deps.ts';

export function authHandlers(deps: ReconDeps): Handlers<typeof authRoutes, SignedInActor> {
  return {
    async login({ body, request }) {
      const command = { surface: 'recon' as const, ...body, sourceAddress: request.sourceAddress };
      const signedIn = await signIn(deps, command);
      if (!signedIn.ok) return signedIn;
      const { user, tokens } = signedIn.value;
      return ok({ ...data(presentSession(user, tokens)), ...presentTokens(tokens), user: presentSessionUser(user) });
    },
    async refresh({ body }) {
      const refreshed = await refreshSession(deps, body.refresh_token);
      if (!refreshed.ok) return refreshed;
      const { user, tokens } = refreshed.value;
      return ok({ ...data(presentSession(user, tokens)), ...presentTokens(tokens), user: presentSessionUser(user) });
    },
    async logout({ actor }) {
      await deps.sessions.revoke(actor);
      return ok(message('Logged out successfully'));
    },
    async register({ body }) {
      const { email, password, first_name: firstName, last_name: lastName } = body;
      const registered = await registerUser(deps, { email, password, firstName, lastName });
      if (!registered.ok) return registered;
      return ok(created(presentSession(registered.value.user, registered.value.tokens)));
    },
    async me({ actor }) {
      const user = await getUser(deps, actor, actor.userId);
      return user.ok ? ok(data(presentSessionUser(user.value))) : user;
    },
    async changePassword({ actor, body }) {
      const command = { currentPassword: body.current_password, newPassword: body.new_password };
      const changed = await changePassword(deps, actor, command);
      return changed.ok ? ok(message('Password changed successfully')) : changed;
    },
  };
}
