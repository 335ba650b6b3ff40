// The people and groups that both directories of the port's suite hold, and the time at which they are judged.
export const password = 'Sup3rSecret!';
export const base = 'dc=corp,dc=example';
export const usersBase = `ou=Users,${base}`;
export const groupsBase = `ou=Groups,${base}`;
export const groupDn = (name: string) => `cn=${name},${groupsBase}`;
/** RFC 4514 §2.4. */
export const escaped = (value: string) => value.replace(/[\\,+"<>;=#]/g, '\\$&').replaceAll('\0', '\\00');
export const userDn = (name: string) => `cn=${escaped(name)},${usersBase}`;

export const now = Date.parse('2026-03-02T12:00:00Z');
const dayMs = 86_400_000;

export type Person = {
  name: string;
  displayName: string;
  groups: string[];
  closed?: boolean;
  /** Epoch ms. */
  expiresAt?: number;
};

/** Names that mean something in a filter or in a DN. */
export const hostileNames = [
  'star*man',
  'par(en)s',
  'back\\slash',
  'com,ma',
  'plus+equals=hash#',
  ' spaced  out ',
  'Zoë',
];

export const people: Person[] = [
  { name: 'analyst.jane', displayName: 'Jane Analyst', groups: ['RECON_PREPARERS', 'RECON_APPROVERS'] },
  { name: 'checker.bob', displayName: 'Bob Checker', groups: ['RECON_APPROVERS'] },
  { name: 'admin.ops', displayName: 'Ops Admin', groups: ['RECON_ADMIN'] },
  { name: 'guest.none', displayName: 'Guest None', groups: [] },
  { name: 'closed.carl', displayName: 'Carl Closed', groups: ['RECON_APPROVERS'], closed: true },
  { name: 'past.pia', displayName: 'Pia Past', groups: ['RECON_APPROVERS'], expiresAt: now - dayMs },
  { name: 'future.finn', displayName: 'Finn Future', groups: ['RECON_APPROVERS'], expiresAt: now + 2 * dayMs },
  ...hostileNames.map((name) => ({ name, displayName: `Person ${name.trim()}`, groups: ['RECON_APPROVERS'] })),
];

export const groupNames = ['RECON_PREPARERS', 'RECON_APPROVERS', 'RECON_ADMIN'];
