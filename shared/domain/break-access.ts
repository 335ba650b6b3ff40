// What a person may do with a reconciliation of the break management surface: the roles that its access entries give to the
// groups that they are in. An administrator sees everything and is neither maker nor checker by it.
import { isGroup, isSameName } from './distinguished-name.ts';
import type { AccessRole } from './graph/graph.ts';
import type { Reconciliation } from './reconciliation.ts';

export type Caller = { role: 'admin' | 'user'; groups: readonly string[] };

/** For definitions without access entries: full names, or `CN=…` alone. */
export type FallbackGroups = { makers: string; checkers: string };

export const documentedGroups: FallbackGroups = { makers: 'CN=RECON_PREPARERS', checkers: 'CN=RECON_APPROVERS' };

export function rolesOf(
  { groups }: Pick<Caller, 'groups'>,
  { graph }: Pick<Reconciliation, 'graph'>,
  fallback: FallbackGroups,
): Set<AccessRole> {
  const entries = graph?.accessControlEntries ?? [];
  const given = entries.filter(({ ldapGroupDn }) => groups.some((group) => isSameName(group, ldapGroupDn)));
  const roles = new Set(given.map(({ role }) => role));
  if (entries.length > 0) return roles;
  if (groups.some((group) => isGroup(fallback.makers, group))) roles.add('MAKER');
  if (groups.some((group) => isGroup(fallback.checkers, group))) roles.add('CHECKER');
  return roles;
}

/** What is retired or not yet published is there for administrators alone. */
export function isVisible(
  caller: Caller,
  reconciliation: Pick<Reconciliation, 'graph' | 'status'>,
  fallback: FallbackGroups,
): boolean {
  if (!reconciliation.graph) return false;
  if (caller.role === 'admin') return true;
  return reconciliation.status === 'PUBLISHED' && rolesOf(caller, reconciliation, fallback).size > 0;
}
