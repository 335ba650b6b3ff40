// Whatever is sent to the recon surface, it answers in its own words: never a fault, never a body without its envelope.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reconRoutes } from '../../../shared/contracts/recon/routes.ts';
import type { Route } from '../../../shared/contracts/route.ts';
import { openRecon, users } from './harness.ts';

/** Signing out would end the session that the others need. */
const routes: Route[] = Object.values(reconRoutes).filter((route) => route !== reconRoutes.logout);
const id = '0198c0de-0000-7000-8000-000000000001';
const fieldNames = [
  ...new Set(routes.flatMap((route) => Object.keys(route.body?.shape ?? {}))),
  '__proto__',
  'constructor',
];
const queryNames = [...new Set(routes.flatMap((route) => Object.keys(route.query?.shape ?? {})))];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(id, '', '..', '\u0000', '%', 'user@example.com'),
);
const value = fc.oneof(
  text,
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.anything({ maxDepth: 1 }), { maxLength: 3 }),
);
const json = fc
  .array(fc.tuple(fc.constantFrom(...fieldNames), value), { maxLength: 6 })
  .map(
    (entries) =>
      `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one) ?? 'null'}`).join(',')}}`,
  );
const raw = fc.oneof(
  { weight: 4, arbitrary: json },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
);
const query = fc
  .array(fc.tuple(fc.constantFrom(...queryNames), text), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, one]) => `${name}=${encodeURIComponent(one.toWellFormed())}`).join('&'));
const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constant(id) },
  { weight: 1, arbitrary: text.map((one) => one.replace(/[?/]/g, '')) },
);
const contentType = fc.constantFrom(
  'application/json',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'text/plain',
);

it('answers anything with a declared reply, and faults at nothing', { timeout: 60_000 }, async () => {
  const recon = await openRecon();
  const token = await recon.signIn(users.admin);
  const route = fc.constantFrom(...routes);
  await fc.assert(
    fc.asyncProperty(route, segment, query, raw, contentType, async ({ method, path }, one, search, body, type) => {
      const target = `${path.replaceAll(/\{\w+\}/g, () => one)}?${search}`;
      const headers = { 'content-type': type };
      const reply = await recon.call(method, target, { token, headers, ...(method !== 'GET' && { raw: body }) });
      expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(500);
      expect(recon.faults).toEqual([]);
    }),
    { numRuns: 1_500 },
  );
});
