// Whom a request to the break management surface is made by: a bearer token names a session, and the session holds what the
// directory says of its person. A session of another surface, or one that no directory vouched for, is nobody here.
import { type IdentifyDeps, identifyByDirectory } from '../../shared/app/identity/identify-by-directory.ts';
import type { BreaksActor } from '../../shared/domain/breaks-actor.ts';
import { fail, type Result } from '../../shared/domain/result.ts';
import type { HttpRequest } from '../../shared/http/message.ts';

export async function authenticate(deps: IdentifyDeps, request: HttpRequest): Promise<Result<BreaksActor>> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) return fail('UNAUTHENTICATED', 'Send the token as Authorization: Bearer <token>');
  return identifyByDirectory(deps, token);
}
