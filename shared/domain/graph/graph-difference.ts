// What a change of a graph changed, value by value, under paths that a person can follow: parts of lists go by their names
// (`canonicalFields[amount].role`), so that one that is put in front does not change all the others.

export type Difference = Record<string, { before?: unknown; after?: unknown }>;

/** What each kind of part is called by, in the order of preference. */
const names = ['code', 'canonicalName', 'sourceCode', 'ldapGroupDn', 'name', 'title'] as const;

export function differenceOf(before: object, after: object): Difference {
  const difference: Difference = {};
  const [old, now] = [leavesOf(before), leavesOf(after)];
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is) continue;
    difference[path] = { ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) };
  }
  return difference;
}

type Leaf = string | number | boolean | null | undefined;

function leavesOf(value: unknown, path = '', leaves = new Map<string, Leaf>()): Map<string, Leaf> {
  if (Array.isArray(value)) {
    const used = new Map<string, number>();
    for (const [index, part] of value.entries()) {
      const name = nameOf(part) ?? String(index);
      const times = (used.get(name) ?? 0) + 1;
      used.set(name, times);
      leavesOf(part, `${path}[${name}${times > 1 ? ` ${times}` : ''}]`, leaves);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) leavesOf(part, path === '' ? key : `${path}.${key}`, leaves);
  } else leaves.set(path, value as Leaf);
  return leaves;
}

function nameOf(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  const key = names.find((one) => typeof (part as Record<string, unknown>)[one] === 'string');
  return key && String((part as Record<string, unknown>)[key]);
}
