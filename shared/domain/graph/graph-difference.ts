// What a change of a graph changed, value by value, under paths that a person can follow: parts of lists go by their names
// (`canonicalFields[amount].role`), so that one that is put in front does not change all the others. Parts that have changed
// places among each other are told as `passes[order]`.

export type Difference = Record<string, { before?: unknown; after?: unknown }>;

/** What each kind of part is called by, in the order of preference. */
const names = ['code', 'canonicalName', 'sourceCode', 'ldapGroupDn', 'name', 'title'] as const;

export function differenceOf(before: object, after: object): Difference {
  const difference: Difference = {};
  const [old, now] = [partsOf(before), partsOf(after)];
  for (const path of new Set([...old.leaves.keys(), ...now.leaves.keys()])) {
    const [was, is] = [old.leaves.get(path), now.leaves.get(path)];
    if (was === is) continue;
    difference[path] = { ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) };
  }
  for (const [path, is] of now.orders) {
    const was = old.orders.get(path) ?? [];
    const [kept, left] = [was.filter((name) => is.includes(name)), is.filter((name) => was.includes(name))];
    if (kept.some((name, index) => name !== left[index]))
      difference[`${path}[order]`] = { before: listed(kept), after: listed(left) };
  }
  return difference;
}

/** Of a list of hundreds the first will do: who changed their places is seen in the graph. */
function listed(order: string[]): string {
  const text = order.join(', ');
  return text.length <= orderCharactersMax ? text : `${text.slice(0, orderCharactersMax)}…`;
}
const orderCharactersMax = 4_000;

type Leaf = string | number | boolean | null | undefined;

/** `orders`: of each list whose parts have names, in which order they stand. */
type Parts = { leaves: Map<string, Leaf>; orders: Map<string, string[]> };

function partsOf(value: unknown, path = '', parts: Parts = { leaves: new Map(), orders: new Map() }): Parts {
  if (Array.isArray(value)) {
    const used = new Map<string, number>();
    const order: string[] = [];
    for (const [index, part] of value.entries()) {
      const name = nameOf(part) ?? String(index);
      const times = (used.get(name) ?? 0) + 1;
      used.set(name, times);
      const called = times > 1 ? `${name} ${times}` : name;
      if (nameOf(part) !== undefined) order.push(called);
      partsOf(part, `${path}[${called}]`, parts);
    }
    parts.orders.set(path, order);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) partsOf(part, path === '' ? key : `${path}.${key}`, parts);
  } else parts.leaves.set(path, value as Leaf);
  return parts;
}

function nameOf(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  const key = names.find((one) => typeof (part as Record<string, unknown>)[one] === 'string');
  return key && String((part as Record<string, unknown>)[key]);
}
