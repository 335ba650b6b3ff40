// Signed tokens. They name a session; what its holder may do is kept in the session, never in the token.
import type { SessionRef } from '../domain/session.ts';

export type TokenClaims = SessionRef & { kind: 'access' | 'refresh'; tokenId: string };

export type TokenSigner = {
  sign(claims: TokenClaims, issuedAt: number, expiresAt: number): Promise<string>;
  /** Undefined for anything but an untouched, unexpired token of this kind. */
  verify(token: string, kind: TokenClaims['kind'], now: number): Promise<TokenClaims | undefined>;
};
