// The sign-in of the break surface over memory twins, entered where the network would: its own routes, and one that answers
// with whom it takes the caller for.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { z } from 'zod';
import { authenticate } from '../../../functions/api-breaks/auth.ts';
import { breaksEnvelope } from '../../../functions/api-breaks/envelope.ts';
import { authHandlers } from '../../../functions/api-breaks/handlers/auth.ts';
import { createArgon2Hasher } from '../../../shared/adapters/crypto/argon2-hasher.ts';
import { createJwtSigner } from '../../../shared/adapters/crypto/jwt-signer.ts';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createListedDirectory, type ListedPerson } from '../../../shared/adapters/memory/directory.ts';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { createMemoryRateCounter } from '../../../shared/adapters/memory/rate-counter.ts';
import { createMemorySecretSource } from '../../../shared/adapters/memory/secret-source.ts';
import { createMemorySessionStore } from '../../../shared/adapters/memory/session-store.ts';
import type { DirectoryIdentityDeps } from '../../../shared/app/identity/directory-deps.ts';
import { authRoutes } from '../../../shared/contracts/breaks/auth.ts';
import { breaksError } from '../../../shared/contracts/breaks/envelope.ts';
import { route } from '../../../shared/contracts/route.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import { ok } from '../../../shared/domain/result.ts';
import { createApi } from '../../../shared/http/api.ts';
import { createHttpFunction } from '../../../shared/lambda/http-function.ts';
import type { Directory } from '../../../shared/ports/directory.ts';

export const secret = 'a secret of the tests, more than 32 bytes long';
export const password = 'Sup3rSecret!';
export const groupDn = (name: string) => `CN=${name},OU=Groups,DC=corp,DC=example`;

const whoAmI = route({
  method: 'GET',
  path: '/api/who-am-i',
  tag: 'Tests',
  summary: 'The actor',
  auth: 'bearer',
  result: z.unknown(),
  status: 200,
  errors: [],
});

// biome-ignore lint/suspicious/noExplicitAny: a body is whatever came over the wire; tests look into it freely.
export type Reply = { status: number; body: any };

export async function openSignIn(changes: Partial<DirectoryIdentityDeps> = {}) {
  const clock = createMemoryClock();
  const hasher = createArgon2Hasher({ memoryKiB: 8, passes: 1, lanes: 1 });
  const passwordHash = await hasher.hash(password);
  const people: ListedPerson[] = [
    ['analyst.jane', 'Jane Analyst', ['RECON_PREPARERS', 'RECON_APPROVERS']] as const,
    ['admin.ops', 'Ops Admin', ['RECON_ADMIN']] as const,
    ['guest.none', 'Guest None', []] as const,
  ].map(([name, displayName, groups]) => ({
    name,
    displayName,
    dn: `CN=${name},OU=Users,DC=corp,DC=example`,
    groups: groups.map(groupDn),
    passwordHash,
  }));
  const listed = createListedDirectory(people, hasher, clock);
  const asked: string[] = [];
  const takesMs: Record<string, number> = {};
  let isAway = false;
  const asking = <T>(what: string, answer: () => T): T => {
    asked.push(what);
    if (isAway) throw new Error('the directory is away');
    return answer();
  };
  const directory: Directory = {
    signIn: async (name, given) =>
      asking(`sign in ${name}`, () => {
        clock.advance(takesMs[name] ?? 0);
        return listed.signIn(name, given);
      }),
    lookUp: async (dn) => asking(`look up ${dn}`, () => listed.lookUp(dn)),
  };
  const faults: unknown[] = [];
  const deps: DirectoryIdentityDeps = {
    sessions: createMemorySessionStore(),
    signer: createJwtSigner(createMemorySecretSource(secret)),
    counter: createMemoryRateCounter(),
    clock,
    ids: createMemoryIds(clock),
    directory,
    directoryPolicy: { tenant: 'default', adminGroup: 'CN=RECON_ADMIN' },
    onDirectoryFault: (error) => faults.push(error),
    pause: async (ms) => clock.advance(ms),
    ...changes,
  };
  const thrown: unknown[] = [];
  const lines: unknown[] = [];
  const handler = createHttpFunction({
    api: createApi<typeof authRoutes & { whoAmI: typeof whoAmI }, BreaksActor>({
      surface: 'breaks',
      routes: { ...authRoutes, whoAmI },
      handlers: { ...authHandlers(deps), whoAmI: async ({ actor }) => ok(actor) },
      authenticate: (request) => authenticate(deps, request),
      envelope: breaksEnvelope,
      limits: { auth: 10_000, general: 10_000, upload: 10_000 },
      counter: deps.counter,
      idempotency: createMemoryIdempotencyStore(),
      onFault: (error) => thrown.push(error),
    }),
    envelope: breaksEnvelope,
    basePath: '',
    log: { line: (fields) => lines.push(fields), fault: (error) => thrown.push(error) },
    now: () => clock.now(),
  });

  async function call(
    method: string,
    path: string,
    { token, json, headers, from }: { token?: string; json?: unknown; headers?: object; from?: string } = {},
  ): Promise<Reply> {
    const result = await handler(
      {
        version: '2.0',
        rawPath: path,
        rawQueryString: '',
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
        requestContext: { http: { method, sourceIp: from ?? '192.0.2.1' } },
        ...(json !== undefined && { body: JSON.stringify(json), isBase64Encoded: false }),
      } as unknown as APIGatewayProxyEventV2,
      {},
    );
    const body = JSON.parse(String(result.body));
    if (result.statusCode! >= 400) breaksError.strict().parse(body);
    return { status: result.statusCode!, body };
  }
  const login = (username: string, given = password, from?: string) =>
    call('POST', '/api/auth/login', { json: { username, password: given }, ...(from && { from }) });
  return {
    call,
    login,
    whoAmI: (token: string) => call('GET', '/api/who-am-i', { token }),
    tokenOf: async (username: string) => (await login(username)).body.token as string,
    deps,
    clock,
    people,
    asked,
    /** Name → how long the directory takes over it. */
    takesMs,
    faults,
    thrown,
    lines,
    setAway(away: boolean) {
      isAway = away;
    },
  };
}
