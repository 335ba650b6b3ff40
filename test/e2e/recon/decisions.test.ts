// Manual match and undo over HTTP, on the deployed platform: two persons, every worker, the breaks in the table.
import { expect, inject, test } from 'vitest';
import { openDeployedPipeline } from '../../../bench/deployed-pipeline.ts';
import { type Body, signedIn } from './client.ts';

const stack = inject('stack');

const load = 'increment';
const definition = {
  name: 'desk',
  sources: [
    { name: 'bank', anchor: true, load },
    { name: 'ledger', load },
  ],
  fields: [
    { name: 'ref', role: 'KEY', type: 'text', mapping: { bank: 'ref', ledger: 'ref' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { bank: 'amount', ledger: 'amount' } },
  ],
  passes: [{ kind: 'exact-key' }],
};

test.each([undefined, 3])(
  'a manual match, its reversal, and an undo that brings records back (%s chunks)',
  async (chunks) => {
    const pipeline = await openDeployedPipeline(stack);
    await pipeline.forceChunks(chunks);
    try {
      const maker = await signedIn(stack, 'analyst');
      const checker = await signedIn(stack, 'analyst', maker.tenant);
      const project = ((await (await maker.call('POST', '/api/projects', { name: 'P' })).json()) as Body).id;
      const create = { name: 'J', project_id: project, definition };
      const job = ((await (await maker.call('POST', '/api/reconciliation/jobs', create)).json()) as Body).data;
      const reconciliation = (await pipeline.deps.reconciliations.get({
        tenant: maker.tenant,
        reconciliationId: job.id,
      }))!;
      const drop = async (bank: string, ledger: string) => {
        await pipeline.drop(reconciliation, 'bank', 'bank.csv', `ref,amount\n${bank}`);
        await pipeline.drop(reconciliation, 'ledger', 'ledger.csv', `ref,amount\n${ledger}`);
      };
      const path = `/api/reconciliation/jobs/${job.id}`;
      const results = async (): Promise<Body[]> => (await maker.data(`${path}/results?per_page=100`)).results;
      const decide = async (body: object, number: number) => {
        const proposed = await maker.call('POST', `${path}/decisions`, { reason: 'the same payer', ...body });
        const decision = (await proposed.json()) as Body;
        expect([proposed.status, decision]).toMatchObject([201, { data: { status: 'pending' } }]);
        const own = await maker.call('POST', `${path}/decisions/${decision.id}/approve`);
        expect(own.status).toBe(403);
        const both = await Promise.all(
          [1, 2].map(() => checker.call('POST', `${path}/decisions/${decision.id}/approve`)),
        );
        expect(both.map(({ status }) => status)).toEqual([200, 200]);
        const run = await pipeline.ended(reconciliation, number);
        expect(run).toMatchObject({ status: 'COMPLETED', trigger: 'decision' });
        return decision.id as string;
      };
      const outcomes = async () =>
        (await results()).map((one) => `${one.source_record?.ref ?? '-'} ${one.target_record?.ref ?? '-'}`).sort();

      await drop('a,1\nb,2\n', 'a,1\nx,2\n');
      await pipeline.ended(reconciliation, 1);
      const first = await results();
      const open = first.filter(({ break_type }) => break_type === 'MISSING').map(({ id }) => id);
      const matched = first.find(({ break_type }) => break_type === null);
      const manual = await decide({ kind: 'together', result_ids: open }, 2);
      expect(await outcomes()).toEqual(['b x']);
      const preview = {
        scope: 'match',
        result_id: matched.id,
        run_id: (await pipeline.ended(reconciliation, 1)).runId,
      };
      const shown = (await (await maker.call('POST', `${path}/decisions/preview`, preview)).json()) as Body;
      expect(shown.data).toMatchObject({
        passes: [{ matches: 1, source: { records: 1, sums: { amount: { '': '1' } } } }],
        later_runs: [{ number: 2 }],
      });
      const refused = await maker.call('POST', `${path}/decisions`, { kind: 'apart', reason: 'wrong', ...preview });
      expect(refused.status).toBe(409);
      await decide({ kind: 'apart', accept_dependents: true, ...preview }, 3);
      expect(await outcomes()).toEqual(['- a', 'a -']);
      await decide({ kind: 'reversal', decision_id: manual }, 4);
      expect(await outcomes()).toEqual(['- a', '- x', 'a -', 'b -']);
      const breaks = (await pipeline.deps.breaks.list(reconciliation, undefined, 100)).items;
      const told = breaks.map(
        (one) => `${one.key} ${one.status} ${one.firstRunNumber}-${one.lastRunNumber} ${one.closedReason ?? ''}`,
      );
      expect(told.sort()).toEqual([
        'a OPEN 3-3 ',
        'a OPEN 3-3 ',
        'b CLOSED 1-2 matched',
        'b OPEN 4-4 ',
        'x CLOSED 1-2 matched',
        'x OPEN 4-4 ',
      ]);
    } finally {
      await pipeline.forceChunks(undefined);
    }
  },
);
