// Items cut into transactions: DynamoDB takes 100 parts and 4 MB in one.

/** Keeps the order; `partsMax` leaves room for what else is in the transaction. */
export function chunksOf<T extends { body?: string; packed?: Uint8Array }>(items: T[], partsMax = 100): T[][] {
  const chunks: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = (item.packed?.length ?? 0) + Buffer.byteLength(item.body ?? '') + otherBytes;
    const chunk = chunks.at(-1);
    if (!chunk || chunk.length >= partsMax || bytes + size > bytesMax) {
      chunks.push([item]);
      bytes = size;
    } else {
      chunk.push(item);
      bytes += size;
    }
  }
  return chunks;
}
/** Keys and the attributes beside the document, with room for long ids. */
const otherBytes = 2_048;
const bytesMax = 3_500_000;
