// What all routes of the recon surface share: probes, errors, rate limits, the OpenAPI description.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeRecon } from '../../../functions/api-recon/description.ts';
import { reconCodeOf, reconEnvelope } from '../../../functions/api-recon/envelope.ts';
import { reconErrors } from '../../../shared/contracts/recon/errors.ts';
import { reconRoutes } from '../../../shared/contracts/recon/routes.ts';
import type { Route } from '../../../shared/contracts/route.ts';
import { type ErrorCode, errorCatalogue } from '../../../shared/domain/errors.ts';
import { documentedLimits } from '../../../shared/http/rate-limit.ts';
import { createRouter } from '../../../shared/http/router.ts';
import { statusOf } from '../../../shared/http/status.ts';
import { openRecon, users } from './harness.ts';

const routes = Object.entries(reconRoutes) as [string, Route][];

describe('recon: the surface', () => {
  it('health-shape, envelope-exceptions, doc-version, timestamps: probes are bare and need no token', async () => {
    const { call, clock } = await openRecon();
    for (const path of ['/health', '/health/live', '/health/ready']) {
      const { status, body } = await call('GET', path);
      expect(status).toBe(200);
      expect(body).toEqual({ status: 'healthy', timestamp: new Date(clock.now()).toISOString(), version: '1.0.0' });
    }
  });

  it('SERVICE_UNAVAILABLE: not ready while the table does not answer; still alive', async () => {
    const { call, deps } = await openRecon();
    deps.users.byEmail = async () => {
      throw new Error('no table');
    };
    const ready = await call('GET', '/health/ready');
    expect([ready.status, ready.body.error]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect((await call('GET', '/health/live')).status).toBe(200);
  });

  it('error-envelope, error-request-id: five fields and no success, also where there is no route', async () => {
    const { call, clock } = await openRecon();
    const { status, body, headers } = await call('GET', '/api/nothing');
    expect(status).toBe(404);
    expect(body).toEqual({
      error: 'NOT_FOUND',
      message: 'There is nothing at this path',
      details: {},
      timestamp: new Date(clock.now()).toISOString(),
      request_id: headers['x-request-id'],
    });
    expect(body.request_id).toMatch(/^req_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect((await call('PATCH', '/api/projects')).body.error).toBe('METHOD_NOT_ALLOWED');
  });

  it('error-internal-500: a fault says nothing of its cause', async () => {
    const recon = await openRecon();
    const token = await recon.signIn();
    recon.deps.projects.list = async () => {
      throw new Error('table tieout-prod at 10.0.0.7');
    };
    const { status, body } = await recon.call('GET', '/api/projects', { token });
    expect([status, body.error]).toEqual([500, 'INTERNAL_ERROR']);
    expect(JSON.stringify(body)).not.toContain('10.0.0.7');
    expect(String(recon.faults[0])).toContain('10.0.0.7');
  });

  it('rate-auth, rate-general, rate-upload-bulk: the documented figures are the default', () => {
    expect(documentedLimits).toEqual({ auth: 10, general: 100, upload: 20 });
    const rateOf = (path: string) =>
      routes.filter(([, route]) => route.path.startsWith(path)).map(([, route]) => route.rate);
    expect(new Set(rateOf('/api/auth/').filter((rate) => rate !== 'general'))).toEqual(new Set(['auth']));
    expect(rateOf('/api/files/upload')).toEqual(['upload']);
  });

  it('rate-429, rate-headers-every-response, rate-reset-epoch', async () => {
    const { call, clock } = await openRecon({ limits: { auth: 3, general: 2, upload: 1 } });
    const json = { email: users.user.email, password: users.user.password };
    const token = (await call('POST', '/api/auth/login', { json })).body.access_token;
    const replies = [];
    for (let index = 0; index < 3; index += 1) replies.push(await call('GET', '/api/auth/me', { token }));
    expect(
      replies.map(({ status, headers }) => [status, headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]),
    ).toEqual([
      [200, '2', '1'],
      [200, '2', '0'],
      [429, '2', '0'],
    ]);
    expect(replies[2]?.body.error).toBe('RATE_LIMIT_EXCEEDED');
    const reset = Number(replies[2]?.headers['x-ratelimit-reset']);
    expect(reset * 1000).toBeGreaterThan(clock.now());
    expect(reset * 1000).toBeLessThanOrEqual(clock.now() + 60_000);
    clock.advance(60_000);
    expect((await call('GET', '/api/auth/me', { token })).status).toBe(200);
    for (let index = 0; index < 5; index += 1) expect((await call('GET', '/health')).status).toBe(200);
  });
});

describe('recon: errors', () => {
  it('every code of the core that can reach a caller has its status in the surface’s table', () => {
    for (const [code, { status }] of Object.entries(reconErrors)) {
      if (code in errorCatalogue) expect(statusOf(code as ErrorCode, 'recon'), code).toBe(status);
    }
    const request = { requestId: 'req_x', receivedAt: 0 } as Parameters<typeof reconEnvelope.failure>[1];
    for (const code of Object.keys(errorCatalogue) as ErrorCode[]) {
      const shown = reconCodeOf(code);
      const own = reconErrors[shown as keyof typeof reconErrors];
      if (own) expect(own.status, code).toBe(statusOf(code, 'recon'));
      const body = reconEnvelope.failure({ ok: false, code, detail: 'd' }, request) as {
        details: { code?: string };
        error: string;
      };
      // The core's own code is never lost: it is the error, its kind's plain meaning, or in the details.
      expect([body.error, body.details.code].filter(Boolean).length).toBeGreaterThan(0);
    }
  });
});

describe('recon: OpenAPI', () => {
  const committed = new URL('../../../docs/openapi/recon.json', import.meta.url);
  const description = describeRecon('http://localhost:8080') as {
    paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
    components: { schemas: Record<string, unknown> };
  };

  it('the committed document is the one that the routes give (node functions/api-recon/write-openapi.ts)', () => {
    expect(JSON.parse(readFileSync(committed, 'utf8'))).toEqual(JSON.parse(JSON.stringify(description)));
  });

  it('is served, with the address of the deployment', async () => {
    const { call } = await openRecon({ publicBaseUrl: 'https://api.example.com/recon' });
    const { body } = await call('GET', '/api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.servers[0].url).toBe('https://api.example.com/recon');
  });

  it('has every route once, and every reference leads somewhere', () => {
    const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [operation.operationId, `${method.toUpperCase()} ${path}`]),
    );
    expect(Object.fromEntries(operations)).toEqual(
      Object.fromEntries(routes.map(([name, route]) => [name, `${route.method} ${route.path}`])),
    );
    const references = [...JSON.stringify(description).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
    expect(references.length).toBeGreaterThan(100);
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
      const found = match(route.method, route.path.replaceAll(/\{\w+\}/g, '0198c0de-0000-7000-8000-000000000001'));
      expect(found.found === 'route' && found.route, name).toBe(route);
    }
  });
});
