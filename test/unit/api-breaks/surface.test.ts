// What all routes of the break management surface share: probes, errors, the OpenAPI description.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeBreaks } from '../../../functions/api-breaks/description.ts';
import { breaksEnvelope } from '../../../functions/api-breaks/envelope.ts';
import { idParams } from '../../../shared/contracts/breaks/envelope.ts';
import { breaksErrors } from '../../../shared/contracts/breaks/errors.ts';
import { breaksRoutes } from '../../../shared/contracts/breaks/routes.ts';
import type { Route } from '../../../shared/contracts/route.ts';
import { type ErrorCode, errorCatalogue } from '../../../shared/domain/errors.ts';
import { fail } from '../../../shared/domain/result.ts';
import { generousLimits } from '../../../shared/http/rate-limit.ts';
import { createRouter } from '../../../shared/http/router.ts';
import { statusOf } from '../../../shared/http/status.ts';
import { openBreaks } from './harness.ts';

const routes = Object.entries(breaksRoutes) as [string, Route][];
const request = { requestId: 'req_x', receivedAt: Date.UTC(2026, 0, 5) } as Parameters<
  typeof breaksEnvelope.failure
>[1];

describe('breaks: errors', () => {
  it('error-body-undocumented: six fields; every fault with its path, also a single one', () => {
    const faults = [
      { field: 'sources.0.code', message: 'a' },
      { field: 'name', message: 'b' },
    ];
    expect(breaksEnvelope.failure(fail('REQUEST_INVALID', 'a', { field: 'sources.0.code', faults }), request)).toEqual({
      status: 422,
      error: 'REQUEST_INVALID',
      message: 'a',
      detail: {
        faults: [
          { path: 'sources[0].code', message: 'a' },
          { path: 'name', message: 'b' },
        ],
      },
      correlationId: 'req_x',
      timestamp: '2026-01-05T00:00:00.000Z',
    });
    expect(breaksEnvelope.failure(fail('REQUEST_INVALID', 'a', { field: 'name' }), request)).toMatchObject({
      detail: { faults: [{ path: 'name', message: 'a' }] },
    });
    expect(breaksEnvelope.failure(fail('NOT_FOUND'), request)).toMatchObject({ status: 404, detail: {} });
  });

  it('err-422: what is invalid is 422 here and 400 on recon', () => {
    expect([statusOf('REQUEST_INVALID', 'breaks'), statusOf('REQUEST_INVALID', 'recon')]).toEqual([422, 400]);
  });

  it('every code of the table has the status that the core gives it', () => {
    for (const [code, { status }] of Object.entries(breaksErrors)) {
      if (code in errorCatalogue) expect(statusOf(code as ErrorCode, 'breaks'), code).toBe(status);
    }
  });
});

describe('breaks: limits and faults', () => {
  it('no-rate-limit: none is documented, so only a program in a loop meets one, and it is told', async () => {
    expect(generousLimits).toEqual({ auth: 60, general: 3_000, upload: 300 });
    const { call } = await openBreaks({ limits: { ...generousLimits, general: 2 } });
    const replies = [];
    for (let index = 0; index < 3; index += 1) replies.push(await call('GET', '/api/openapi.json'));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(replies[2]?.body.error).toBe('RATE_LIMITED');
    expect((await call('GET', '/health')).status).toBe(200);
  });

  it('err-500-correlation: a fault says nothing of its cause, and the log has it under the same id', async () => {
    const { call, signIn, deps, faults, faultIds } = await openBreaks();
    const token = await signIn();
    deps.reconciliations.list = async () => {
      throw new Error('table tieout-prod at 10.0.0.7');
    };
    const { status, body, headers } = await call('GET', '/api/admin/reconciliations', { token });
    expect([status, body.error, body.correlationId]).toEqual([500, 'INTERNAL_ERROR', headers['x-request-id']]);
    expect(JSON.stringify(body)).not.toContain('10.0.0.7');
    expect(String(faults[0])).toContain('10.0.0.7');
    expect(faultIds).toEqual([body.correlationId]);
  });

  it('SERVICE_UNAVAILABLE: not ready while the table does not answer; still alive', async () => {
    const { call, deps } = await openBreaks();
    expect((await call('GET', '/health/ready')).status).toBe(200);
    deps.reconciliations.get = async () => {
      throw new Error('no table');
    };
    expect((await call('GET', '/health/ready')).body.error).toBe('SERVICE_UNAVAILABLE');
    expect((await call('GET', '/health')).status).toBe(200);
  });
});

describe('breaks: ids', () => {
  it.each(['1', '101', '9007199254740991'])('ids-integers: %s is an id', (id) => {
    expect(idParams.parse({ id })).toEqual({ id: Number(id) });
  });

  it.each(['0', '-1', '1.5', '1e3', '0x10', ' 1', '٣', '', 'abc', '9007199254740992', '99999999999999999999'])(
    'ids-integers: "%s" is none',
    (id) => {
      expect(idParams.safeParse({ id }).success).toBe(false);
    },
  );
});

describe('breaks: OpenAPI', () => {
  const committed = new URL('../../../docs/openapi/breaks.json', import.meta.url);
  const description = describeBreaks('http://localhost:8081') as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };

  it('the committed document is the one that the routes give (node functions/api-breaks/write-openapi.ts)', () => {
    expect(JSON.parse(readFileSync(committed, 'utf8'))).toEqual(JSON.parse(JSON.stringify(description)));
  });

  it('has every route once, and every reference leads somewhere', () => {
    const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [operation.operationId, `${method.toUpperCase()} ${path}`]),
    );
    expect(Object.fromEntries(operations)).toEqual(
      Object.fromEntries(routes.map(([name, route]) => [name, `${route.method} ${route.path}`])),
    );
    const references = [...JSON.stringify(description).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
    expect(references.length).toBeGreaterThan(0);
    for (const reference of new Set(references)) {
      let at: unknown = description;
      for (const part of reference.split('/')) at = (at as Record<string, unknown>)?.[part];
      expect(at, reference).toBeDefined();
    }
  });

  it('says of every body that unknown fields are refused', () => {
    for (const [name, route] of routes) {
      if (!route.body) continue;
      expect(
        route.body.safeParse({ '\u0000unknown': 1 }).error?.issues.some(({ code }) => code === 'unrecognized_keys'),
        name,
      ).toBe(true);
    }
  });

  it('no route hides another', () => {
    const match = createRouter(routes.map(([, route]) => route));
    for (const [name, route] of routes) {
      const found = match(route.method, route.path.replaceAll(/\{\w+\}/g, '1'));
      expect(found.found === 'route' && found.route, name).toBe(route);
    }
  });
});
