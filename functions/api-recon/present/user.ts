// People in recon's words.

import type { Tokens } from '../../../shared/app/identity/open-session.ts';
import { permissionsOf, type User } from '../../../shared/domain/principal.ts';
import { accessTokenSeconds } from '../../../shared/domain/session.ts';

export function presentUser(user: User) {
  return {
    id: user.userId,
    email: user.email,
    first_name: user.firstName,
    last_name: user.lastName,
    role: user.grants.recon ?? '',
    is_active: user.active,
    created_at: user.createdAt,
    last_login: user.lastSignInAt ?? null,
  };
}

export function presentSessionUser(user: User) {
  return { ...presentUser(user), permissions: permissionsOf(user.grants.recon ?? '') };
}

/** The new session as `data` holds it; the flat shape repeats its tokens at the top. */
export function presentSession(user: User, tokens: Tokens) {
  return {
    user: presentSessionUser(user),
    token: tokens.accessToken,
    expires_at: new Date(tokens.accessExpiresAt).toISOString(),
    ...presentTokens(tokens),
  };
}

export function presentTokens(tokens: Tokens) {
  return {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    token_type: 'Bearer' as const,
    expires_in: accessTokenSeconds,
  };
}
