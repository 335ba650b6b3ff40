// Values as they are kept in items: they come back as they went, and what no item can hold is refused by name.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { readDocument, writeDocument } from '../../../shared/adapters/dynamodb/document.ts';
import { chunksOf } from '../../../shared/adapters/dynamodb/transaction-chunks.ts';

test.each([
  ['an empty name and exact decimals', { sums: { amount: { '': '12345678901234567890123456789012345678' } } }],
  ['nothing and text of every kind', { a: null, b: '', c: 'é\u0000\u{1F600}"\\' }],
  ['a long value', { keys: Array.from({ length: 50_000 }, (_, index) => `key ${index}`) }],
])('keeps %s', (_, value) => {
  const stored = writeDocument(value);
  expect((stored.packed?.length ?? 0) + (stored.body?.length ?? 0)).toBeLessThan(200_000);
  expect(readDocument(stored)).toEqual(value);
});

test('refuses what no item can hold: DOCUMENT_TOO_LARGE', () => {
  expect(() => writeDocument({ text: randomBytes(300_000).toString('base64') })).toThrow('DOCUMENT_TOO_LARGE');
});

test('cuts transactions by parts and by bytes, in order', () => {
  const small = Array.from({ length: 205 }, (_, index) => ({ body: String(index) }));
  expect(chunksOf(small).map((chunk) => chunk.length)).toEqual([100, 100, 5]);
  expect(chunksOf(small, 90).flat()).toEqual(small);
  const large = Array.from({ length: 30 }, () => ({ packed: new Uint8Array(180_000) }));
  for (const chunk of chunksOf(large)) expect(chunk.length * 180_000).toBeLessThan(4_000_000);
  expect(chunksOf(large).flat()).toHaveLength(30);
  expect(chunksOf([])).toEqual([]);
});
