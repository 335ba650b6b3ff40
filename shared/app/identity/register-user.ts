// Registers a person by their own wish: role `user` on the recon surface and nothing else, where the deployment allows it.

import { passwordFault } from '../../domain/password-policy.ts';
import type { User } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { createUser } from './create-user.ts';
import type { IdentityDeps } from './identity-deps.ts';
import { openSession, type Tokens } from './open-session.ts';

export type Registration = { email: string; password: string; firstName: string; lastName: string };
/** `tenant`: where people who register themselves belong; absent where registration is off. */
export type RegistrationPolicy = { tenant?: string };

export async function registerUser(
  deps: IdentityDeps & { registration: RegistrationPolicy },
  command: Registration,
): Promise<Result<{ user: User; tokens: Tokens }>> {
  const { tenant } = deps.registration;
  if (tenant === undefined) return fail('REGISTRATION_CLOSED');
  const fault = passwordFault(command.password, command.email);
  if (fault) return fail('REQUEST_INVALID', fault, { field: 'password' });

  const { email, password, firstName, lastName } = command;
  const created = await createUser(deps, { tenant, email, password, firstName, lastName, grants: { recon: 'user' } });
  if (!created.ok) return created;
  const user = created.value;
  return ok({ user, tokens: await openSession(deps, user, 'recon', 'user') });
}
