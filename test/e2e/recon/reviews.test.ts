// Fuzzy and learned rules on the deployed platform, and what a reviewer does with their matches: approve, reject, run again, look at what was
// learned, reset it. With one chunk and with several.
import { expect, inject, test } from 'vitest';
import { openDeployedPipeline } from '../../../bench/deployed-pipeline.ts';
import { type Body, signedIn } from './client.ts';

const stack = inject('stack');

/** Forty payments; every fourth payer is misspelt, and the files share no key. */
const payers = Array.from(
  { length: 40 },
  (_, at) => `${['Nord', 'Sued', 'Ost', 'West'][at % 4]}licht Handel ${String.fromCharCode(65 + at)}${at}`,
);
const amount = (at: number) => `${100 + at * 13}.${10 + at}`;
const source = `payer,amount,currency\n${payers.map((payer, at) => `${payer},${amount(at)},EUR\n`).join('')}`;
const target = `payer,amount,currency\n${payers
  .map((payer, at) => `${at % 4 === 1 ? payer.replace('licht', 'lihct') : payer},${amount(at)},EUR\n`)
  .reverse()
  .join('')}`;

const rules = [
  { field: 'currency', type: 'exact' },
  { field: 'payer', type: 'fuzzy', threshold: 0.7 },
  { field: 'amount', type: 'ml', threshold: 0.9 },
];

test.each([undefined, 3])(
  'rules to matches, matches to verdicts, verdicts to the next run (%s chunks)',
  async (chunks) => {
    const pipeline = await openDeployedPipeline(stack);
    const client = await signedIn(stack);
    const project = ((await (await client.call('POST', '/api/projects', { name: 'P' })).json()) as Body).id;
    const [left, right] = [
      await client.upload(project, 'ledger.csv', source),
      await client.upload(project, 'bank.csv', target),
    ];
    const created = (await (
      await client.call('POST', '/api/reconciliation/jobs', {
        name: 'Payers',
        project_id: project,
        source_data_source_id: left.data.id,
        target_data_source_id: right.data.id,
        matching_rules: rules,
        confidence_threshold: 0.9,
      })
    ).json()) as Body;
    const path = `/api/reconciliation/jobs/${created.data.id}`;
    const run = async () => {
      expect((await client.call('POST', `${path}/start`)).status).toBe(200);
      return client.ended(created.data.id);
    };
    const verdict = async (result: Body, deed: 'approve' | 'reject', body?: object) => {
      const reply = await client.call('POST', `${path}/results/${encodeURIComponent(result.id)}/${deed}`, body);
      return [reply.status, ((await reply.json()) as Body).message];
    };
    await pipeline.forceChunks(chunks);
    try {
      expect(await run()).toMatchObject({ status: 'completed', matching_rules: rules, failure: null });
      const { results, summary } = await client.data(`${path}/results?match_type=fuzzy`);
      expect(summary).toMatchObject({
        exact_matches: 30,
        fuzzy_matches: 10,
        matched_records: 40,
        unmatched_records: 0,
      });
      for (const { source_record: one, target_record: other, confidence_score, status, explanation } of results) {
        expect(one.amount).toBe(other.amount);
        expect(confidence_score).toBeGreaterThanOrEqual(0.9);
        expect(status).toBe('pending');
        const { prior, fields, weight, probability } = explanation.evidence;
        expect(fields.map((field: Body) => field.field)).toEqual(['payer', 'amount']);
        expect(fields.reduce((sum: number, field: Body) => sum + field.weight, prior)).toBeCloseTo(weight, 4);
        expect(probability).toBeCloseTo(confidence_score, 6);
      }
      expect(await verdict(results[0], 'approve')).toEqual([200, 'Result approved']);
      expect(await verdict(results[1], 'reject', { reason: 'another payer' })).toEqual([200, 'Result rejected']);
      expect((await client.data(`${path}/results?status=rejected`)).results).toMatchObject([
        { id: results[1].id, status: 'rejected', review_reason: 'another payer' },
      ]);
      const csv = await (await client.call('GET', `${path}/export?status=approved`)).text();
      expect(csv.trim().split(/\r?\n/)).toHaveLength(2);
      expect((await client.data(`${path}/statistics`)).shadow).toMatchObject({
        would_approve: 40,
        reviewed: { approved: 1, rejected: 1, precision: 0.5 },
      });

      await run();
      expect(await client.data(`${path}/statistics`)).toMatchObject({
        learning_version: 1,
        summary: { matched_records: 39, unmatched_records: 2 },
      });
      const { current } = await client.data(`${path}/learning`);
      expect(current).toMatchObject({ version: 1, passes: [{ pass: '2-fuzzy', approvals: 1, rejections: 1 }] });

      expect(await verdict(results[1], 'approve')).toEqual([200, 'Result approved']);
      expect((await client.call('POST', `${path}/learning/reset`)).status).toBe(200);
      await run();
      expect(await client.data(`${path}/statistics`)).toMatchObject({
        learning_version: 2,
        summary: { matched_records: 40, unmatched_records: 0 },
      });
    } finally {
      await pipeline.forceChunks(undefined);
    }
  },
);
