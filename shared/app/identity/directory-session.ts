// A session on the break surface of a person whom the directory knows: what the directory says of them, as it is kept, and
// the actor that it makes. It grants nothing but what follows from the groups.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { isGroup } from '../../domain/distinguished-name.ts';
import type { Session } from '../../domain/session.ts';
import type { DirectoryPerson } from '../../ports/directory.ts';

/** A working day. There is no refresh token: the session is looked at with each request, and the groups are asked again. */
export const directorySessionMs = 8 * 60 * 60_000;

export type DirectorySession = Session & Required<Pick<Session, 'dn' | 'groups' | 'groupsAt'>>;

export function isDirectorySession(session: Session): session is DirectorySession {
  return (
    session.surface === 'breaks' &&
    session.dn !== undefined &&
    session.groups !== undefined &&
    session.groupsAt !== undefined
  );
}

/** The part of a session that the directory decides. */
export function standingOf({ dn, displayName, groups }: DirectoryPerson, adminGroup: string, now: number) {
  const role: BreaksActor['role'] = groups.some((group) => isGroup(adminGroup, group)) ? 'admin' : 'user';
  return { name: displayName, dn, groups, groupsAt: now, role };
}

export function actorOf({ tenant, userId, role, dn, groups, name, sessionId }: DirectorySession): BreaksActor {
  return { tenant, userId, role: role === 'admin' ? 'admin' : 'user', dn, groups, name, sessionId };
}
