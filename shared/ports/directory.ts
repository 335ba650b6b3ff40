// A directory of people and the groups that they are in. It knows passwords; nobody else on this side ever keeps one.
// An expected refusal is a Result; a directory that does not answer, or is set up wrongly, is a dependency fault.
import type { Result } from '../domain/result.ts';

export type DirectoryPerson = {
  /** The name that they sign in with, as the directory has it. */
  name: string;
  /** Their own full name in the directory (RFC 4514). */
  dn: string;
  displayName: string;
  /** Full names of all groups that they are in, also by way of other groups; their own first. */
  groups: string[];
};

export type Directory = {
  /**
   * UNAUTHENTICATED for a wrong or empty password, a name that nobody or more than one has, and an account that is closed,
   * locked or expired: `fields.reason` tells them apart for a log, and is not for the caller.
   */
  signIn(name: string, password: string): Promise<Result<DirectoryPerson>>;
  /** The same person later, without the password: NOT_FOUND when they are gone, or their account is closed or expired. */
  lookUp(dn: string): Promise<Result<DirectoryPerson>>;
};
