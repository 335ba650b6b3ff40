// A process that dies at any call of a deed on a break, or of a change of a definition, before the call or after it took effect:
// the change and its line in the activity are both there, or neither is.
import { describe, expect, test } from 'vitest';
import { createMemoryActivityLog } from '../../shared/adapters/memory/activity-log.ts';
import { createMemoryBatchStore } from '../../shared/adapters/memory/batch-store.ts';
import { createMemoryClock, createMemoryIds } from '../../shared/adapters/memory/clock.ts';
import { createMemoryMailOutbox } from '../../shared/adapters/memory/mail-outbox.ts';
import { createMemoryNumberStore } from '../../shared/adapters/memory/number-store.ts';
import { createMemoryReconciliationStore } from '../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryState, type MemoryState } from '../../shared/adapters/memory/state.ts';
import { createMemoryWorkQueue } from '../../shared/adapters/memory/work-queue.ts';
import { assignBreak } from '../../shared/app/breaks/assign-break.ts';
import { changeBreakStatus } from '../../shared/app/breaks/change-break-status.ts';
import { commentOnBreak } from '../../shared/app/breaks/comment-on-break.ts';
import { setReason } from '../../shared/app/breaks/set-reason.ts';
import {
  patchDefinition,
  replaceDefinition,
  retireDefinition,
} from '../../shared/app/definitions/change-definition.ts';
import { createDefinition } from '../../shared/app/definitions/create-definition.ts';
import type { DefinitionDeps } from '../../shared/app/definitions/definition-deps.ts';
import type { Result } from '../../shared/domain/result.ts';
import { type Desk, idOf, openDesk, people } from '../unit/breaks/break-desk.ts';
import { graphOf } from '../unit/domain/graph/sample-graph.ts';
import { Died, dyingAt, through } from './dying.ts';

type Deed = (deps: Desk['deps']) => Promise<Result<unknown>>;
const [id, unstored] = [idOf(1), idOf(7)];

const deeds: [string, Deed][] = [
  ['a comment', (deps) => commentOnBreak(deps, people.maker, { id, comment: 'seen' })],
  ['a comment that makes the item', (deps) => commentOnBreak(deps, people.maker, { id: unstored, comment: 'seen' })],
  ['a submission', (deps) => changeBreakStatus(deps, people.maker, { id, status: 'PENDING_APPROVAL', comment: 'so' })],
  ['a reason', (deps) => setReason(deps, people.maker, { id, reasonCode: 'TIMING' })],
  ['an assignment', (deps) => assignBreak(deps, people.maker, { id, assigneeDn: people.checker.dn })],
];
const breakPorts = ['breaks', 'numbers', 'activity', 'batches', 'runs', 'reconciliations', 'outbox', 'queue'] as const;

describe('audit-trail: a deed on a break and its line', () => {
  test.each(deeds)('%s', async (_what, deed) => {
    const whole = await openDesk();
    let calls = 0;
    const counted = through(whole.deps, breakPorts, (_name, run) => {
      calls += 1;
      return run();
    });
    expect(await deed(counted)).toMatchObject({ ok: true });
    const outcomes = new Set<number>();
    for (let at = 0; at < calls; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const desk = await openDesk();
        await expect(deed(through(desk.deps, breakPorts, dyingAt(at, when)))).rejects.toThrow(Died);
        const done = desk.state.breakEntries.size;
        expect(desk.activity.entries, `${when} call ${at} of ${calls}`).toHaveLength(done);
        outcomes.add(done);
      }
    }
    expect([...outcomes].sort()).toEqual([0, 1]);
  });
});

type Change = (deps: DefinitionDeps) => Promise<Result<unknown>>;
const admin = people.admin;
const definitionPorts = ['reconciliations', 'batches', 'activity', 'outbox', 'queue', 'numbers'] as const;

function openDefinitions(): { deps: DefinitionDeps; state: MemoryState } {
  const state = createMemoryState();
  const clock = createMemoryClock();
  return {
    state,
    deps: {
      reconciliations: createMemoryReconciliationStore(state),
      batches: createMemoryBatchStore(state, clock),
      activity: createMemoryActivityLog(state, clock),
      outbox: createMemoryMailOutbox(),
      queue: createMemoryWorkQueue(),
      numbers: createMemoryNumberStore(),
      clock,
      ids: createMemoryIds(clock),
    },
  };
}

const create: Change = (deps) => createDefinition(deps, admin, { graph: graphOf(), status: 'DRAFT' });
const changes: [string, Change[]][] = [
  ['created', [create]],
  [
    'replaced',
    [create, (deps) => replaceDefinition(deps, admin, { number: 1, version: 0, graph: graphOf({ name: 'New' }) })],
  ],
  ['published', [create, (deps) => patchDefinition(deps, admin, { number: 1, status: 'PUBLISHED' })]],
  ['retired', [create, (deps) => retireDefinition(deps, admin, 1)]],
];

describe('audit-trail: a change of a definition and its line', () => {
  test.each(changes)('%s', async (_what, steps) => {
    const before = steps.slice(0, -1);
    const change = steps.at(-1)!;
    const prepared = async () => {
      const opened = openDefinitions();
      for (const step of before) expect(await step(opened.deps)).toMatchObject({ ok: true });
      return opened;
    };
    let calls = 0;
    const whole = await prepared();
    const counted = through(whole.deps, definitionPorts, (_name, run) => {
      calls += 1;
      return run();
    });
    expect(await change(counted)).toMatchObject({ ok: true });
    const outcomes = new Set<number>();
    for (let at = 0; at < calls; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const { deps, state } = await prepared();
        await expect(change(through(deps, definitionPorts, dyingAt(at, when)))).rejects.toThrow(Died);
        const versions = [...state.reconciliations.values()].map(({ graph }) => graph!.version + 1);
        const done = versions[0] ?? 0;
        expect(state.activity, `${when} call ${at} of ${calls}`).toHaveLength(done);
        outcomes.add(done);
      }
    }
    expect([...outcomes].sort()).toEqual([before.length, before.length + 1]);
  });
});
