// Whom a request to the recon surface is made by: a bearer token in the Authorization header, and nowhere else.
import { identify, type SignedInActor } from '../../shared/app/identity/identify.ts';
import type { IdentityDeps } from '../../shared/app/identity/identity-deps.ts';
import { fail, type Result } from '../../shared/domain/result.ts';
import type { HttpRequest } from '../../shared/http/message.ts';

export async function authenticate(
  deps: Pick<IdentityDeps, 'sessions' | 'signer' | 'clock'>,
  request: HttpRequest,
): Promise<Result<SignedInActor>> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) return fail('UNAUTHENTICATED', 'Send the access token as Authorization: Bearer <access_token>');
  return identify(deps, 'recon', token);
}
