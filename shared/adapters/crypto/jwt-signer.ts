// Tokens as JWT by jose, HS256 and nothing else. A token of another algorithm, issuer or kind is none.
import { errors, jwtVerify, SignJWT } from 'jose';
import type { SecretSource } from '../../ports/secret-source.ts';
import type { TokenClaims, TokenSigner } from '../../ports/token-signer.ts';

const algorithm = 'HS256';
const issuer = 'tieout';
/** RFC 7518 §3.2: the key has at least the size of the hash. */
const secretBytesMin = 32;

export function createJwtSigner(secret: SecretSource): TokenSigner {
  async function key(): Promise<Uint8Array> {
    const bytes = await secret.read();
    if (bytes.byteLength < secretBytesMin) throw new Error(`the token secret has less than ${secretBytesMin} bytes`);
    return bytes;
  }
  return {
    async sign({ kind, tenant, userId, sessionId, tokenId }, issuedAt, expiresAt) {
      return new SignJWT({ kind, tenant, sid: sessionId })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(userId)
        .setJti(tokenId)
        .setIssuedAt(Math.floor(issuedAt / 1000))
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(await key());
    },
    async verify(token, kind, now) {
      const bytes = await key();
      try {
        const { payload } = await jwtVerify(token, bytes, {
          algorithms: [algorithm],
          issuer,
          currentDate: new Date(now),
          requiredClaims: ['sub', 'jti', 'exp', 'sid', 'tenant'],
        });
        if (payload.kind !== kind) return undefined;
        const claims: TokenClaims = {
          kind,
          tenant: String(payload.tenant),
          userId: String(payload.sub),
          sessionId: String(payload.sid),
          tokenId: String(payload.jti),
        };
        return claims;
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}
