// The routes of breaks over memory twins: a reconciliation with maker-checker (42), one without (77), one that others read (88), each
// with some breaks of its first run. Breaks past the fifth were never made items, and are in the view of the run alone.
import { expect } from 'vitest';
import type { z } from 'zod';
import { breaksEnvelope } from '../../../functions/api-breaks/envelope.ts';
import { breakHandlers } from '../../../functions/api-breaks/handlers/breaks.ts';
import { createMemoryActivityLog } from '../../../shared/adapters/memory/activity-log.ts';
import { createMemoryBatchStore } from '../../../shared/adapters/memory/batch-store.ts';
import { createMemoryBreakStore } from '../../../shared/adapters/memory/break-store.ts';
import { createMemoryBulkStore } from '../../../shared/adapters/memory/bulk-store.ts';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { createMemoryMailOutbox } from '../../../shared/adapters/memory/mail-outbox.ts';
import { createMemoryNumberStore } from '../../../shared/adapters/memory/number-store.ts';
import { createMemoryRateCounter } from '../../../shared/adapters/memory/rate-counter.ts';
import { createMemoryReconciliationStore } from '../../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { createMemoryWorkQueue } from '../../../shared/adapters/memory/work-queue.ts';
import type { AssignDeps } from '../../../shared/app/breaks/assign-break.ts';
import type { BulkChangeDeps } from '../../../shared/app/breaks/bulk-change.ts';
import { breakRoutes } from '../../../shared/contracts/breaks/breaks.ts';
import { breaksError } from '../../../shared/contracts/breaks/envelope.ts';
import { breaksErrors, impliedErrors } from '../../../shared/contracts/breaks/errors.ts';
import type { Route } from '../../../shared/contracts/route.ts';
import type { Break, ObservedBreak } from '../../../shared/domain/break.ts';
import { documentedGroups } from '../../../shared/domain/break-access.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import { dimensionsOf } from '../../../shared/domain/graph/dimensions.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import { createApi } from '../../../shared/http/api.ts';
import { createRouter } from '../../../shared/http/router.ts';
import type { ViewedBreak } from '../../../shared/ports/run-view.ts';
import { breakItem, run } from '../../contract/ports/samples.ts';
import { entry, people as known, reconciliation } from '../run-view/run-desk.ts';

export const tenant = 'acme';
/** Who signs in as the same person, but is written in another way by the directory. */
const alias = { ...known.both, dn: 'cn=BOTH.ann, ou=users, dc=corp, dc=example' };
const second = { ...known.checker, userId: 'checker.cat', dn: 'CN=checker.cat,OU=Users,DC=corp,DC=example' };
export const people = { ...known, alias, second } satisfies Record<string, BreaksActor>;
export type Person = keyof typeof people;

export const idOf = (sequence: number, number = 42): number => number * 1_000_000_000 + sequence;
export const refOf = (number = 42) => ({ tenant, reconciliationId: `rec-${number}` });
export const storedMax = 5;
const openedAt = Date.UTC(2026, 0, 5, 9);

export function observed(sequence: number): ObservedBreak {
  const { identity: _identity, ...sample } = breakItem('1', sequence);
  return {
    identity: `identity-${sequence}`,
    type: 'MISMATCH',
    missingIn: null,
    key: `T${sequence}`,
    occurrence: 1,
    source: 'GL',
    leftRow: sequence,
    rightRow: sequence,
    left: { tradeId: `T${sequence}`, amount: '100000.00', product: 'EQUITIES', market: 'US LISTED', fund: 'F1' },
    right: { tradeId: `T${sequence}`, amount: '9007199254740993.10', product: null, market: null, fund: 'F1' },
    differences: sample.differences,
    contentHash: `hash-${sequence}`,
  };
}

const { explanation: _none, ...plain } = breakItem('1', 1);
export function storedBreak(sequence: number, number = 42, changes: Partial<Break> = {}): Break {
  return {
    ...plain,
    ...refOf(number),
    ...observed(sequence),
    breakId: String(sequence),
    openedAt: new Date(openedAt).toISOString(),
    ...changes,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked at field by field.
export type Reply = { status: number; body: any; text: string };

export type Desk = Awaited<ReturnType<typeof openDesk>>;

export async function openDesk({ breaksOf = 8 } = {}) {
  const state = createMemoryState();
  const clock = createMemoryClock();
  const outbox = createMemoryMailOutbox();
  const queue = createMemoryWorkQueue();
  const activity = createMemoryActivityLog(state, clock);
  const view = {
    async page(): Promise<never> {
      throw new Error('no page is asked for');
    },
    async breaksOf(_run: unknown, breakIds: string[]): Promise<ViewedBreak[]> {
      const there = breakIds.map(Number).filter((sequence) => sequence > storedMax && sequence <= breaksOf);
      return there.map((sequence) => ({
        breakId: String(sequence),
        observed: observed(sequence),
        kind: 'MISMATCH',
        product: 'EQUITIES',
        subProduct: 'US LISTED',
        entity: 'F1',
        openedAt,
        status: 'OPEN',
        gone: false,
        touched: false,
        anomalous: false,
      }));
    },
  };
  const directory: AssignDeps['directory'] = {
    async lookUp(dn) {
      const person = Object.values(people).find((one) => one.dn === dn);
      if (!person) return fail('NOT_FOUND');
      return ok({ name: person.userId, dn, displayName: person.name, groups: person.groups });
    },
  };
  const deps: BulkChangeDeps & AssignDeps = {
    reconciliations: createMemoryReconciliationStore(state),
    batches: createMemoryBatchStore(state, clock),
    runs: createMemoryRunStore(state),
    breaks: createMemoryBreakStore(state),
    bulks: createMemoryBulkStore(state),
    activity,
    outbox,
    queue,
    clock,
    ids: createMemoryIds(clock),
    numbers: createMemoryNumberStore(),
    fallbackGroups: documentedGroups,
    directory,
    view,
  };
  for (const made of [
    reconciliation(42),
    reconciliation(77, { makerCheckerEnabled: false }),
    reconciliation(88, { accessControlEntries: [entry('READERS', 'VIEWER')] }),
  ]) {
    await deps.reconciliations.create(made);
    const settled = { runId: 'run-1', number: 1, ledgerKey: 'ledger' };
    const feed = { ...(await deps.batches.feed(made)), settled, breaksOpened: breaksOf };
    const { reconciliationId, definition } = made;
    const dimensions = dimensionsOf(made.graph!);
    const results = { matchesKeys: [], breaksKey: 'breaks' };
    const done = run({ reconciliationId, status: 'COMPLETED', definition: definition!, dimensions, results });
    if (!(await deps.runs.create(done, feed))) throw new Error('the run was not created');
    const items = Array.from({ length: storedMax }, (_, index) => storedBreak(index + 1, made.graph!.number));
    await deps.breaks.save(items.map((item) => ({ break: item, expected: 0 })));
  }

  const faults: unknown[] = [];
  const api = createApi<typeof breakRoutes, BreaksActor>({
    surface: 'breaks',
    routes: breakRoutes,
    handlers: breakHandlers(deps),
    async authenticate({ headers }) {
      const name = /^Bearer (\w+)$/.exec(headers.authorization ?? '')?.[1];
      return name && Object.hasOwn(people, name) ? ok(people[name as Person]) : fail('UNAUTHENTICATED');
    },
    envelope: breaksEnvelope,
    limits: { auth: 10_000, general: 10_000, upload: 10_000 },
    counter: createMemoryRateCounter(),
    idempotency: createMemoryIdempotencyStore(),
    onFault: (error) => faults.push(error),
  });
  const match = createRouter<Route>(Object.values(breakRoutes));

  async function call(
    who: Person | undefined,
    method: string,
    target: string,
    json?: unknown,
    key?: string,
  ): Promise<Reply> {
    const [path = '', query = ''] = target.split('?');
    const reply = await api({
      method,
      path,
      query,
      headers: {
        ...(who !== undefined && { authorization: `Bearer ${who}` }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: Buffer.from(json === undefined ? '' : typeof json === 'string' ? json : JSON.stringify(json)),
      sourceAddress: '192.0.2.1',
      requestId: 'req_1',
      receivedAt: clock.now(),
    });
    expect(faults).toEqual([]);
    const text = reply.body as string;
    const body = JSON.parse(text);
    const found = match(method, path);
    if (found.found === 'route') holdToContract(found.route, reply.status, body);
    return { status: reply.status, body, text };
  }

  return {
    deps,
    state,
    clock,
    activity,
    outbox,
    call,
    status: (who: Person, sequence: number, status: string, number = 42, more = {}) =>
      call(who, 'PATCH', `/api/breaks/${idOf(sequence, number)}/status`, { status, ...more }),
    comment: (who: Person, sequence: number, comment: string, more = {}) =>
      call(who, 'POST', `/api/breaks/${idOf(sequence)}/comments`, { comment, ...more }),
    bulk: (who: Person, ids: number[], change: object) =>
      call(who, 'POST', '/api/breaks/bulk', { breakIds: ids, ...change }),
    async stored(sequence: number, number = 42): Promise<Break | undefined> {
      return (await deps.breaks.getMany(refOf(number), [String(sequence)]))[0];
    },
  };
}

function holdToContract(route: Route, status: number, body: Reply['body']): void {
  if (status >= 400) {
    expect(breaksError.strict().parse(body)).toEqual(body);
    expect(breaksErrors[body.error as keyof typeof breaksErrors].status).toBe(status);
    const declared = [...route.errors, ...Object.values(impliedErrors).flat()];
    expect(declared, `${route.method} ${route.path} declares ${body.error}`).toContain(body.error);
    return;
  }
  // A field that is not declared would be stripped, and the difference seen.
  expect((route.result as z.ZodType).parse(body)).toEqual(body);
}
