// A binary heap of nodes by key. A node may be in it several times: the reader skips those that are out of date.

export type NodeQueue = {
  push(node: number, key: number): void;
  /** Only when not empty. */
  leastKey(): number;
  /** Takes the node with the least key; only when not empty. */
  pop(): number;
  isEmpty(): boolean;
  clear(): void;
};

export function createNodeQueue(): NodeQueue {
  const nodes: number[] = [];
  const keys: number[] = [];
  let size = 0;
  return {
    push(node, key) {
      let at = size;
      size += 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (keys[parent]! <= key) break;
        nodes[at] = nodes[parent]!;
        keys[at] = keys[parent]!;
        at = parent;
      }
      nodes[at] = node;
      keys[at] = key;
    },
    leastKey: () => keys[0]!,
    pop() {
      const top = nodes[0]!;
      size -= 1;
      const [node, key] = [nodes[size]!, keys[size]!];
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && keys[child + 1]! < keys[child]!) child += 1;
        if (keys[child]! >= key) break;
        nodes[at] = nodes[child]!;
        keys[at] = keys[child]!;
        at = child;
      }
      nodes[at] = node;
      keys[at] = key;
      return top;
    },
    isEmpty: () => size === 0,
    clear() {
      size = 0;
    },
  };
}
