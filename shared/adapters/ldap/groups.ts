// The groups of an entry: those that it names itself (memberOf, and in Active Directory the primary group), those that name it
// (member), and the groups that those are in, level by level. A group is looked into once, so a loop ends; the depth is bounded too.
import { type Client, type Entry, EqualityFilter, type Filter, OrFilter } from 'ldapts';
import { canonicalName } from '../../domain/distinguished-name.ts';
import { bytesOf, firstValueOf, valuesOf } from './entry.ts';
import type { LdapSettings } from './settings.ts';

/** Active Directory itself puts at most 1,015 groups into a token. More is a fault: leaving some out would look like a lost right. */
const groupsMax = 1_000;
/** Names in one filter: a hundred names of usual length are some 10 KB. */
const membersAtOnce = 50;
export const memberOf = 'memberOf';
const objectSid = 'objectSid';
const primaryGroupId = 'primaryGroupID';
/** To be asked for with a person. */
export const groupAttributes = [memberOf, primaryGroupId, objectSid];
export const binaryGroupAttributes = [objectSid];

type Member = { dn: string; memberOf: string[] };

/** Full names, the entry's own groups first. */
export async function groupsOf(client: Client, settings: LdapSettings, entry: Entry): Promise<string[]> {
  const groups = new Map<string, string>();
  let members: Member[] = [{ dn: entry.dn, memberOf: valuesOf(entry, memberOf) }];
  for (let depth = 0; depth <= settings.nestedDepthMax && members.length > 0; depth++) {
    const named = members.flatMap((member) => member.memberOf).map((dn): Member => ({ dn, memberOf: [] }));
    const primary = depth === 0 ? await primaryGroup(client, settings, entry) : [];
    const naming = [...primary, ...(await groupsNaming(client, settings, members))];
    const isNew = new Map<string, Member>();
    // Those that were found know their own memberOf; the place in the list is that of the first mention.
    for (const group of [...named, ...naming]) {
      const key = canonicalName(group.dn) ?? group.dn;
      if (groups.has(key) && !isNew.has(key)) continue;
      groups.set(key, groups.get(key) ?? group.dn);
      isNew.set(key, group);
    }
    if (groups.size > groupsMax) throw new Error(`a person is in more than ${groupsMax} groups`);
    members = [...isNew.values()];
  }
  return [...groups.values()];
}

async function groupsNaming(client: Client, settings: LdapSettings, members: Member[]): Promise<Member[]> {
  const found: Member[] = [];
  for (let at = 0; at < members.length; at += membersAtOnce) {
    // Values travel apart from the filter's form: nothing in a name can change what is asked (RFC 4511 §4.5.1).
    const filters = members
      .slice(at, at + membersAtOnce)
      .flatMap(({ dn }) => settings.memberAttributes.map((attribute) => new EqualityFilter({ attribute, value: dn })));
    found.push(...(await groupsBy(client, settings, new OrFilter({ filters }))));
  }
  return found;
}

async function groupsBy(client: Client, { groupsBase }: LdapSettings, filter: Filter): Promise<Member[]> {
  const options = { scope: 'sub' as const, filter, attributes: [memberOf], paged: true };
  const { searchEntries } = await client.search(groupsBase, options);
  return searchEntries.map((group) => ({ dn: group.dn, memberOf: valuesOf(group, memberOf) }));
}

/**
 * Active Directory names it by the last part of its security identifier alone, which is else that of the person
 * ([MS-SAMR] 3.1.1.8.2: primaryGroupId; [MS-DTYP] 2.4.2.2: each part is 4 bytes, the lowest first).
 */
async function primaryGroup(client: Client, settings: LdapSettings, entry: Entry): Promise<Member[]> {
  const sid = bytesOf(entry, objectSid);
  const last = Number(firstValueOf(entry, primaryGroupId));
  const isSid = sid !== undefined && sid.length === 8 + 4 * (sid[1] ?? 0) && sid.length > 8;
  if (!isSid || !Number.isInteger(last) || last < 0 || last > 0xffff_ffff) return [];
  const value = Buffer.from(sid);
  value.writeUInt32LE(last, sid.length - 4);
  return groupsBy(client, settings, new EqualityFilter({ attribute: objectSid, value }));
}
