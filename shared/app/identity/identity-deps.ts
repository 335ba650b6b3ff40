// What the identity use cases need from outside.
import type { Clock, Ids } from '../../ports/clock.ts';
import type { PasswordHasher } from '../../ports/password-hasher.ts';
import type { RateCounter } from '../../ports/rate-counter.ts';
import type { SessionStore } from '../../ports/session-store.ts';
import type { TokenSigner } from '../../ports/token-signer.ts';
import type { UserStore } from '../../ports/user-store.ts';

export type IdentityDeps = {
  users: UserStore;
  sessions: SessionStore;
  hasher: PasswordHasher;
  signer: TokenSigner;
  counter: RateCounter;
  clock: Clock;
  ids: Ids;
};
