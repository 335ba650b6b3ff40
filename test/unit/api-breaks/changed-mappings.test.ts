// A change of mappings after data has come: what was loaded under the old ones is loaded again, and no run mixes the two. With the
// real engine: increments that are carried and that wait, snapshots, and files that the new mappings do not fit.
import { describe, expect, it } from 'vitest';
import { batchBody, openBreaks, sampleBody } from './harness.ts';

const path = '/api/admin/reconciliations';
const sources = ['CUSTODY_FEED', 'GL_LEDGER'] as const;
type Source = (typeof sources)[number];

function field(canonicalName: string, role: string, dataType: string, sourceColumn: string, required = true) {
  const mappings = sources.map((sourceCode) => ({ sourceCode, sourceColumn, required }));
  const rest = { displayName: null, comparisonLogic: 'EXACT_MATCH', formattingHint: null, required: false };
  return { canonicalName, role, dataType, mappings, ...rest };
}
const key = field('tradeId', 'KEY', 'STRING', 'trade_id');
const amount = field('amount', 'COMPARE', 'DECIMAL', 'amount');
const csv = (...rows: string[]) => `trade_id,amount,net\n${rows.join('\n')}\n`;

async function open(load: 'snapshot' | 'increment') {
  const breaks = await openBreaks();
  const [admin, jane] = [await breaks.signIn('admin.ops'), await breaks.signIn('analyst.jane')];
  const json = {
    ...sampleBody(),
    status: 'PUBLISHED',
    autoTriggerEnabled: false,
    accessControlEntries: [],
    sources: sampleBody().sources.map((source) => ({ ...source, adapterType: 'CSV_FILE', load })),
    canonicalFields: [key, amount],
  };
  const created = await breaks.call('POST', path, { token: admin, json });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const batches = (source: Source) => `${path}/1/sources/${source}/batches`;
  return {
    ...breaks,
    async upload(source: Source, ...rows: string[]) {
      const reply = await breaks.call('POST', batches(source), { token: admin, ...batchBody(csv(...rows)) });
      expect(reply.status, JSON.stringify(reply.body)).toBe(200);
      await breaks.drain();
    },
    listed: async (source: Source) =>
      (await breaks.call('GET', batches(source), { token: admin })).body.items as { id: number; recordCount: number }[],
    /** Without waiting for what it sets going. */
    async change(...canonicalFields: unknown[]) {
      const { body } = await breaks.call('GET', `${path}/1`, { token: admin });
      const reply = await breaks.call('PUT', `${path}/1`, { token: admin, json: { ...body, canonicalFields } });
      expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    },
    /** What a run that has settled shows now, by its number. */
    async shown(number: number) {
      const { body } = await breaks.call('GET', `/api/reconciliations/runs/${1_000_000_000 + number}`, { token: jane });
      return body.breaks.map(({ sourceA, sourceB }: Record<string, unknown>) => [sourceA, sourceB]);
    },
    run: () => breaks.call('POST', '/api/reconciliations/1/run', { token: jane, json: {} }),
    async result() {
      const { status, body } = await breaks.call('POST', '/api/reconciliations/1/run', { token: jane, json: {} });
      expect(status, JSON.stringify(body)).toBe(200);
      const { matched, mismatched, missing } = body.summary;
      const shown = body.breaks.map(({ id, sourceA, sourceB }: Record<string, Record<string, unknown>>) => [
        Number(id) % 1_000,
        sourceA!.amount ?? null,
        sourceB!.amount ?? null,
      ]);
      return { counts: [matched, mismatched, missing], breaks: shown };
    },
    told: () => breaks.activity.entries.map(({ details }) => details).filter((details) => /again/.test(details)),
  };
}

describe('increments', () => {
  async function openSettled() {
    const opened = await open('increment');
    await opened.upload('CUSTODY_FEED', 'a,1,10', 'b,2,20');
    await opened.upload('GL_LEDGER', 'b,2,20', 'c,3,30');
    expect(await opened.result()).toEqual({
      counts: [0, 0, 2],
      breaks: [
        [1, 1, null],
        [2, null, 3],
      ],
    });
    return opened;
  }

  it('what is carried from settled runs is read by the new mapping too', async () => {
    const opened = await openSettled();
    await opened.change(key, field('amount', 'COMPARE', 'DECIMAL', 'net'));
    await opened.drain();
    // All increments anew: b matches once more, and the open ones have their new values under the ids that they had.
    expect(await opened.result()).toEqual({
      counts: [1, 0, 2],
      breaks: [
        [1, 10, null],
        [2, null, 30],
      ],
    });
    await opened.upload('GL_LEDGER', 'a,1,10');
    expect(await opened.result()).toEqual({ counts: [1, 0, 1], breaks: [[2, null, 30]] });
    // A run keeps the graph and the values that it ran with.
    expect(await opened.shown(1)).toEqual([
      [{ tradeId: 'a', amount: 1 }, {}],
      [{}, { tradeId: 'c', amount: 3 }],
    ]);
    expect(opened.told()).toEqual([
      'Batch 1000000002 of source GL_LEDGER loaded again: 2 records, 0 rejected',
      'Batch 1000000001 of source CUSTODY_FEED loaded again: 2 records, 0 rejected',
    ]);
  });

  it('a field that comes new is compared for them too', async () => {
    const opened = await openSettled();
    await opened.change(key, amount, field('net', 'COMPARE', 'DECIMAL', 'net'));
    await opened.drain();
    await opened.upload('GL_LEDGER', 'a,1,11');
    expect((await opened.result()).counts).toEqual([1, 1, 1]);
  });

  it('a type that changes stops no run', async () => {
    const opened = await openSettled();
    await opened.change(key, field('amount', 'COMPARE', 'STRING', 'amount'));
    await opened.drain();
    await opened.upload('GL_LEDGER', 'a,1.0,10');
    expect(await opened.result()).toEqual({
      counts: [1, 1, 1],
      breaks: [
        [1, '1', '1.0'],
        [2, null, '3'],
      ],
    });
  });

  it('one that waits is loaded again, keeps its number and counts once', async () => {
    const opened = await open('increment');
    await opened.upload('CUSTODY_FEED', 'a,1,10', 'b,2,20');
    await opened.change(key, field('amount', 'COMPARE', 'DECIMAL', 'net'));
    await opened.upload('GL_LEDGER', 'b,2,20');
    expect(await opened.result()).toEqual({ counts: [0, 0, 1], breaks: [[1, 10, null]] });
    expect(await opened.listed('CUSTODY_FEED')).toMatchObject([{ id: 1_000_000_001, recordCount: 2, sameAs: null }]);
  });

  it('a run that comes too early loads again what it takes itself', async () => {
    const opened = await openSettled();
    await opened.change(key, field('amount', 'COMPARE', 'DECIMAL', 'net'));
    // Whoever changed the definition died before asking.
    opened.queue.waiting.length = 0;
    expect((await opened.result()).counts).toEqual([1, 0, 2]);
    expect(opened.told().toSorted()).toEqual([
      'Batch 1000000001 of source CUSTODY_FEED loaded again: 2 records, 0 rejected',
      'Batch 1000000002 of source GL_LEDGER loaded again: 2 records, 0 rejected',
    ]);
  });

  it('BATCH_STALE: a file that the new mapping does not fit is told of and mailed, and stops runs until it does', async () => {
    const opened = await openSettled();
    await opened.change(key, amount, field('booked', 'COMPARE', 'DATE', 'booked'));
    await opened.drain();
    expect(opened.told()).toEqual(
      ['1000000002 of source GL_LEDGER', '1000000001 of source CUSTODY_FEED'].map((which) =>
        expect.stringContaining(
          `Batch ${which} could not be loaded again under the changed definition: COLUMN_MISSING`,
        ),
      ),
    );
    const refused = await opened.run();
    expect([refused.status, refused.body.error]).toEqual([409, 'RUN_FAILED']);
    expect(refused.body.message).toMatch(
      /^custody\.csv \(batch 1 of source CUSTODY_FEED\) was loaded under another definition and could not be loaded under this one: COLUMN_MISSING: /,
    );
    await opened.change(key, amount, field('booked', 'COMPARE', 'DATE', 'booked', false));
    await opened.drain();
    expect((await opened.result()).counts).toEqual([1, 0, 2]);
  });

  it('a change that touches no loading takes nothing anew', async () => {
    const opened = await openSettled();
    await opened.change(key, { ...amount, comparisonLogic: 'NUMERIC_THRESHOLD', thresholdPercentage: 1 });
    await opened.drain();
    expect((await opened.result()).counts).toEqual([0, 0, 2]);
    expect(opened.told()).toEqual([]);
  });
});

describe('how a source is taken', () => {
  it.each(['snapshot', 'increment'] as const)('never changes once it has data: %s', async (load) => {
    const opened = await open(load);
    const other = load === 'snapshot' ? 'increment' : 'snapshot';
    const admin = await opened.signIn('admin.ops');
    const switched = async (index: number) => {
      const { body } = await opened.call('GET', `${path}/1`, { token: admin });
      const json = { ...body, sources: body.sources.with(index, { ...body.sources[index], load: other }) };
      const reply = await opened.call('PUT', `${path}/1`, { token: admin, json });
      return [reply.status, reply.body.detail?.faults?.[0]?.path];
    };
    await opened.upload('GL_LEDGER', 'a,1,10');
    expect(await switched(0)).toEqual([200, undefined]);
    expect(await switched(1)).toEqual([422, 'sources[1].load']);
    await opened.upload('CUSTODY_FEED', 'a,1,10');
    const { body } = await opened.call('GET', `${path}/1`, { token: admin });
    expect(body.sources[0].load).toBe(other);
    const json = { ...body, sources: body.sources.with(0, { ...body.sources[0], load }) };
    expect((await opened.call('PUT', `${path}/1`, { token: admin, json })).status).toBe(422);
    expect((await opened.result()).counts).toEqual([1, 0, 0]);
  });
});

describe('snapshots', () => {
  it('the newest is loaded again and stays the same batch; no run starts by it', async () => {
    const opened = await open('snapshot');
    await opened.upload('CUSTODY_FEED', 'a,1,10');
    await opened.upload('CUSTODY_FEED', 'a,2,20');
    await opened.upload('GL_LEDGER', 'a,2,21');
    expect((await opened.result()).counts).toEqual([1, 0, 0]);
    const runs = opened.state.runs.size;
    await opened.change(key, field('amount', 'COMPARE', 'DECIMAL', 'net'));
    await opened.drain();
    expect(opened.state.runs.size).toBe(runs);
    expect(opened.told()).toEqual([
      'Batch 1000000003 of source GL_LEDGER loaded again: 1 records, 0 rejected',
      'Batch 1000000002 of source CUSTODY_FEED loaded again: 1 records, 0 rejected',
    ]);
    expect(await opened.result()).toEqual({ counts: [0, 1, 0], breaks: [[1, 20, 21]] });
  });
});
