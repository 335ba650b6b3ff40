// The surface with the definition of the document's sample made on it by an administrator.
import { expect } from 'vitest';
import { openBreaks, sampleBody } from './harness.ts';

export const path = '/api/admin/reconciliations';

export async function openWithSample(changes: Record<string, unknown> = {}) {
  const breaks = await openBreaks();
  const token = await breaks.signIn();
  const created = await breaks.call('POST', path, { token, json: { ...sampleBody(), ...changes } });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const one = `${path}/${created.body.id}`;
  const send = (method: string, target: string, json?: unknown) =>
    breaks.call(method, target, { token, ...(json !== undefined && { json }) });
  return { ...breaks, token, created: created.body, one, send };
}
