// Who may act: a person with explicit grants in one tenant, and the actor that a signed-in request becomes.

/** The five HTTP surfaces; a grant is for one of them, and there is none by default. */
export const surfaces = ['recon', 'breaks', 'openreg', 'clients', 'iv'] as const;
export type Surface = (typeof surfaces)[number];

export const reconRoles = ['user', 'analyst', 'admin'] as const;
export type ReconRole = (typeof reconRoles)[number];

export type User = {
  tenant: string;
  userId: string;
  /** Lower case; unique over all tenants, because a sign-in names no tenant. */
  email: string;
  firstName: string;
  lastName: string;
  /** PHC string; the only place where it is read is the password hasher. */
  passwordHash: string;
  active: boolean;
  /** Surface → role there. A surface that is absent is closed to this person. */
  grants: Partial<Record<Surface, string>>;
  createdAt: string;
  lastSignInAt?: string;
  /** Raised by every change; writes are conditional on it. */
  version: number;
};

/** Who a request is made by, once its credentials were checked. Use cases decide from this alone. */
export type Actor = {
  tenant: string;
  userId: string;
  /** Role on the surface that the request came through. */
  role: string;
  permissions: string[];
  name: string;
};

const permissionsByRole: Record<ReconRole, string[]> = {
  user: ['reconciliation:read', 'reconciliation:write'],
  analyst: ['reconciliation:read', 'reconciliation:write', 'project:read-all'],
  admin: ['reconciliation:read', 'reconciliation:write', 'project:read-all', 'user:read', 'user:write'],
};

/** What a recon role may do; a role that is unknown may do nothing. */
export function permissionsOf(role: string): string[] {
  return Object.hasOwn(permissionsByRole, role) ? permissionsByRole[role as ReconRole] : [];
}

export function fullName(user: Pick<User, 'firstName' | 'lastName'>): string {
  return `${user.firstName} ${user.lastName}`.trim();
}

/** A `user` sees the projects that they own; `analyst` and `admin` see all of their tenant. */
export function seesAllProjects(actor: Actor): boolean {
  return actor.permissions.includes('project:read-all');
}

/** The tenant of people who register themselves and of the local demo accounts. */
export const defaultTenant = 'default';
