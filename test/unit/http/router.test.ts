// Which route a path finds, and what a table of routes may not hold.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Method, type Route, route } from '../../../shared/contracts/route.ts';
import { createRouter } from '../../../shared/http/router.ts';

const declare = (method: Method, path: string): Route => ({
  method,
  path,
  tag: 't',
  summary: 's',
  auth: 'none',
  result: z.object({}),
  status: 200,
  errors: [],
});

const router = createRouter([
  declare('GET', '/api/users/{id}'),
  declare('DELETE', '/api/users/{id}'),
  declare('GET', '/api/users/search'),
  declare('GET', '/jobs/{id}/parts/{part}'),
  declare('GET', '/jobs/run/other'),
  declare('POST', '/jobs/run/{client}'),
]);

describe('the router', () => {
  it.each([
    ['GET', '/api/users/search', '/api/users/search', {}],
    ['GET', '/api/users/search/', '/api/users/search', {}],
    ['GET', '/api/users/7', '/api/users/{id}', { id: '7' }],
    ['HEAD', '/api/users/7', '/api/users/{id}', { id: '7' }],
    ['GET', '/api/users/a%20b', '/api/users/{id}', { id: 'a b' }],
    ['GET', '/api/users/100%', '/api/users/{id}', { id: '100%' }],
    ['GET', '/jobs/run/parts/2', '/jobs/{id}/parts/{part}', { id: 'run', part: '2' }],
    ['POST', '/jobs/run/retry', '/jobs/run/{client}', { client: 'retry' }],
  ])('%s %s → %s', (method, path, expected, params) => {
    const found = router(method, path);
    expect(found).toMatchObject({ found: 'route', route: { path: expected }, params });
  });

  it.each([
    ['POST', '/api/users/7', ['DELETE', 'GET', 'HEAD', 'OPTIONS']],
    // The static path decides: a wrong method there does not fall through to the variable.
    ['DELETE', '/api/users/search', ['GET', 'HEAD', 'OPTIONS']],
    ['OPTIONS', '/jobs/run/retry', ['OPTIONS', 'POST']],
  ])('%s %s is another method’s path', (method, path, allow) => {
    expect(router(method, path)).toEqual({ found: 'path', allow });
  });

  it.each(['', '/', '/api', '/api/users', '/api/users//', '/api//users/7', '/api/users/7/8', 'api/users/7'])(
    'finds nothing at "%s"',
    (path) => expect(router('GET', path)).toEqual({ found: 'nothing' }),
  );

  it('cannot be built with a duplicate, even under another variable name', () => {
    const routes = [declare('GET', '/a/{id}/b'), declare('GET', '/a/{name}/b')];
    expect(() => createRouter(routes)).toThrow('duplicate route: GET /a/{name}/b and /a/{id}/b');
  });
});

describe('a declaration', () => {
  const base = { tag: 't', summary: 's', auth: 'none', method: 'GET', status: 200, errors: [] } as const;
  const result = z.object({});
  const params = z.object({ other: z.string() });

  it('does not compile when path variables and params differ', () => {
    // @ts-expect-error the path has a variable without a schema
    route({ ...base, result, path: '/a/{id}' });
    // @ts-expect-error the schema names another variable
    route({ ...base, result, path: '/a/{id}', params });
    // @ts-expect-error the schema names a variable that the path has not
    route({ ...base, result, path: '/a', params });
    expect(route({ ...base, result, path: '/a/{other}', params }).path).toBe('/a/{other}');
  });
});
