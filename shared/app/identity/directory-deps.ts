// What signing in by a directory needs from outside, and what the deployment says of it.
import type { Directory } from '../../ports/directory.ts';
import type { IdentityDeps } from './identity-deps.ts';

export type DirectoryIdentityDeps = Pick<IdentityDeps, 'sessions' | 'signer' | 'counter' | 'clock' | 'ids'> & {
  directory: Directory;
  directoryPolicy: {
    /** Where the people of the directory belong. */
    tenant: string;
    /** Members of it are administrators: its full name, or `CN=…` for the group of that name anywhere. */
    adminGroup: string;
  };
  /** Told of a directory that did not answer, because the caller is told no more than that. */
  onDirectoryFault(error: unknown): void;
  pause(ms: number): Promise<void>;
};
