// Whatever is sent to the break management surface, it answers in its own words: never a fault, never a body without its form.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { breaksRoutes } from '../../../shared/contracts/breaks/routes.ts';
import type { Route } from '../../../shared/contracts/route.ts';
import { batchBody, openBreaks, sampleBody } from './harness.ts';

const routes: Route[] = Object.values(breaksRoutes);
const fieldNames = [
  ...new Set(routes.flatMap((route) => Object.keys(route.body?.shape ?? {}))),
  '__proto__',
  'constructor',
];
const queryNames = [...new Set(routes.flatMap((route) => Object.keys(route.query?.shape ?? {})))];
const sample = sampleBody();

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('1', '1000000001', '', '..', '\u0000', '%', 'CUSTODY_FEED', '9007199254740993'),
);
const value = fc.oneof(
  text,
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.anything({ maxDepth: 2 }), { maxLength: 3 }),
);
const json = fc
  .array(fc.tuple(fc.constantFrom(...fieldNames), value), { maxLength: 6 })
  .map(
    (entries) =>
      `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one) ?? 'null'}`).join(',')}}`,
  );
/** A good graph with one part of it replaced, wherever that lies. */
const spoiled = fc.tuple(fc.nat(), value).map(([at, replacement]) => {
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const visit = (holder: Record<string, unknown>): void => {
    for (const [key, one] of Object.entries(holder)) {
      places.push({ holder, key });
      if (typeof one === 'object' && one !== null) visit(one as Record<string, unknown>);
    }
  };
  const copy = { ...structuredClone(sample), version: 0 } as Record<string, unknown>;
  visit(copy);
  const { holder, key } = places[at % places.length]!;
  holder[key] = replacement;
  return JSON.stringify(copy);
});
const raw = fc.oneof(
  { weight: 3, arbitrary: json },
  { weight: 3, arbitrary: spoiled },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
);
const query = fc
  .array(fc.tuple(fc.constantFrom(...queryNames), text), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, one]) => `${name}=${encodeURIComponent(one.toWellFormed())}`).join('&'));
const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constant('1') },
  { weight: 1, arbitrary: text.map((one) => one.replace(/[?/]/g, '')) },
);
const contentType = fc.constantFrom(
  'application/json',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'text/plain',
);

it('answers anything with a declared reply, and faults at nothing', { timeout: 90_000 }, async () => {
  const breaks = await openBreaks();
  const token = await breaks.signIn();
  await breaks.call('POST', '/api/admin/reconciliations', { token, json: sample });
  const route = fc.constantFrom(...routes);
  await fc.assert(
    fc.asyncProperty(route, segment, query, raw, contentType, async ({ method, path }, one, search, body, type) => {
      const target = `${path.replaceAll(/\{\w+\}/g, () => one)}?${search}`;
      const headers = { 'content-type': type };
      const reply = await breaks.call(method, target, { token, headers, ...(method !== 'GET' && { raw: body }) });
      expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(500);
      expect(breaks.faults).toEqual([]);
    }),
    { numRuns: 1_500 },
  );
});

it('takes any bytes as a file, under any name, and says what is wrong with them', { timeout: 90_000 }, async () => {
  const breaks = await openBreaks();
  const token = await breaks.signIn();
  await breaks.call('POST', '/api/admin/reconciliations', { token, json: sample });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((one) => Buffer.from(one)),
    fc.string({ unit: 'grapheme', maxLength: 60 }).map((one) => Buffer.from(`trade_id,x\n${one}\n`)),
  );
  const name = text.map((one) => one.replace(/["\r\n\\]/g, ''));
  await fc.assert(
    fc.asyncProperty(bytes, name, async (content, fileName) => {
      const call = batchBody(content, { label: 'x' }, { fileName });
      const reply = await breaks.call('POST', '/api/admin/reconciliations/1/sources/CUSTODY_FEED/batches', {
        token,
        ...call,
      });
      expect([200, 422], JSON.stringify(reply.body)).toContain(reply.status);
      expect(breaks.faults).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

it('takes nesting without end as a fault of the sender', async () => {
  const breaks = await openBreaks();
  const token = await breaks.signIn();
  const deep = `${'{"negate":'.repeat(100_000)}"a"${'}'.repeat(100_000)}`;
  const body = JSON.stringify({
    ...sample,
    canonicalFields: [{ ...sample.canonicalFields[0], mappings: [{ sourceCode: 'GL_LEDGER', expression: 'DEEP' }] }],
  });
  const reply = await breaks.call('POST', '/api/admin/reconciliations', { token, raw: body.replace('"DEEP"', deep) });
  expect([reply.status, breaks.faults]).toEqual([422, []]);
});
