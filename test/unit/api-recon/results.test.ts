// What a run found, as the recon surface shows it: results, statistics, exports, each rule by its name.
import { describe, expect, it } from 'vitest';
import { emptyYield, type MatchSummary } from '../../../shared/domain/outcome.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { ResultRow } from '../../../shared/ports/result-query.ts';
import { definition, openJobs, summary } from './jobs-harness.ts';

const row = (id: string, outcome: ResultRow['outcome'], more: Partial<ResultRow> = {}): ResultRow => ({
  id,
  outcome,
  breakType: null,
  left: { id, amount: '1.10' },
  right: { id, amount: '1.10' },
  leftPlace: { row: 1, file: 'source.csv' },
  rightPlace: { row: 2, file: 'target.csv' },
  differences: [],
  pass: '1-exact-key',
  confidence: outcome === 'missing' ? 0 : 1,
  groupId: null,
  group: null,
  evidence: null,
  status: 'pending',
  review: null,
  candidates: [],
  anomalies: [],
  ...more,
});
const rows = [
  row('m1', 'matched'),
  row('m2', 'matched'),
  row('d', 'mismatched', {
    breakType: 'MISMATCH',
    differences: [{ source: 'target', field: 'amount', left: '1.10', right: '1.20', difference: '0.10' }],
  }),
  row('x', 'missing', { breakType: 'MISSING', right: null, rightPlace: null, pass: null }),
];

describe('recon: results', () => {
  const completed = async (
    more: object = {},
    found: { rows: ResultRow[]; summary: MatchSummary } = { rows, summary },
    ofRun: Pick<Run, 'anomalies'> = {},
  ) => {
    const recon = await openJobs();
    const { id } = (await recon.create(more)).body;
    await recon.start(id);
    const finishedAt = new Date(recon.clock.now()).toISOString();
    const results = { matchesKeys: ['m'], breaksKey: 'b' };
    const ended = { status: 'COMPLETED', startedAt: finishedAt, finishedAt, results } as const;
    const runId = await recon.settle(id, { ...ended, ...ofRun, summary: found.summary, definition });
    recon.rows.set(runId, found.rows);
    const raw = (rest: string) => recon.call('GET', `/api/reconciliation/jobs/${id}/${rest}`, { token: recon.token });
    return { ...recon, id, raw };
  };

  it('right after the start they are empty and say the status, and an export is RESULTS_NOT_READY', async () => {
    const { call, token, create, start, get } = await openJobs();
    const { id } = (await create()).body;
    for (const status of ['pending', 'queued']) {
      const data = await get(`${id}/results`);
      expect(data).toMatchObject({
        results: [],
        job_status: status,
        summary: { total_records: 0 },
        pagination: { total: 0 },
      });
      expect((await call('GET', `/api/reconciliation/jobs/${id}/export`, { token })).body.error).toBe(
        'RESULTS_NOT_READY',
      );
      if (status === 'pending') await start(id);
    }
  });

  it('results-include-unmatched, matching-confidence: every row with both records where they exist', async () => {
    const { get, id } = await completed();
    const { results, pagination } = await get(`${id}/results`);
    expect(pagination.total).toBe(4);
    expect(results.map((one: Record<string, unknown>) => [one.match_type, one.confidence_score, one.status])).toEqual([
      ['exact', 1, 'pending'],
      ['exact', 1, 'pending'],
      ['unmatched', 0, 'pending'],
      ['unmatched', 0, 'pending'],
    ]);
    expect(results[2]).toMatchObject({
      break_type: 'MISMATCH',
      source_record: { amount: '1.10' },
      target_record: { id: 'd' },
      differences: [{ field: 'amount', source_value: '1.10', target_value: '1.20', difference: '0.10' }],
    });
    expect(results[3]).toMatchObject({ break_type: 'MISSING', target_record: null });
  });

  it('results-summary: matched and unmatched add up to the total, exact and fuzzy to the matched', async () => {
    const { get, id } = await completed();
    expect((await get(`${id}/results`)).summary).toEqual({
      total_records: 4,
      matched_records: 2,
      unmatched_records: 2,
      exact_matches: 2,
      fuzzy_matches: 0,
      average_confidence: 1,
    });
  });

  it('matching-strategies: what is unusual is with the result and, of the run, in the statistics', async () => {
    const usual = { median: '21', spread: '4', low: null, high: '60', runs: 24 };
    const figure = { kind: 'breaks', subject: { breakType: 'MISSING' }, value: '412', usual, score: 9.5 } as const;
    const amount = { kind: 'amount', subject: { field: 'amount', currency: 'EUR' }, value: '9.00', usual, score: null };
    const anomalies = [{ ...amount, kind: 'amount' as const, explanation: 'far' }];
    const found = { rows: [row('m1', 'matched'), row('x', 'missing', { anomalies })], summary };
    const run = { runs: 24, learning: false, found: [{ ...figure, explanation: 'many' }], more: 0, breaks: 1 };
    const { get, id } = await completed({}, found, { anomalies: run });
    const { results } = await get(`${id}/results`);
    expect(results.map((one: { anomalies: unknown }) => one.anomalies)).toEqual([[], anomalies]);
    const { breaks: _breaks, ...counted } = run;
    expect((await get(`${id}/statistics`)).anomalies).toEqual({
      ...counted,
      found: [{ ...figure, subject: { break_type: 'MISSING' }, explanation: 'many' }],
      results: 1,
    });
    const before = await completed();
    expect((await before.get(`${before.id}/statistics`)).anomalies).toBeNull();
  });

  it('results-filters: by match type and confidence, in pages', async () => {
    const { get, id, raw } = await completed();
    const ids = async (query: string) =>
      (await get(`${id}/results?${query}`)).results.map((one: { id: string }) => one.id);
    expect(await ids('match_type=exact')).toEqual(['m1', 'm2']);
    expect(await ids('match_type=unmatched')).toEqual(['d', 'x']);
    expect(await ids('match_type=fuzzy')).toEqual([]);
    expect(await ids('confidence_min=0.5')).toEqual(['m1', 'm2']);
    expect(await ids('confidence_min=0.5&match_type=unmatched')).toEqual([]);
    expect(await ids('confidence_min=0')).toHaveLength(4);
    expect(await ids('page=2&per_page=3')).toEqual(['x']);
    for (const query of ['match_type=magic', 'confidence_min=2', 'per_page=5000'])
      expect((await raw(`results?${query}`)).status).toBe(400);
  });

  it('matching-auto-approve: true approves matches, never breaks', async () => {
    const { get, id } = await completed({ auto_approve: true });
    const { results } = await get(`${id}/results`);
    expect(results.map(({ status }: { status: string }) => status)).toEqual([
      'approved',
      'approved',
      'pending',
      'pending',
    ]);
  });

  it('statistics: counts and exact sums per side', async () => {
    const { get, id } = await completed();
    const data = await get(`${id}/statistics`);
    expect(data).toMatchObject({ match_rate: 0.5, processing_time_ms: 0 });
    expect(data.sides[0]).toMatchObject({ source: 'source', rows: 4, matched: 2, missing: 1 });
    expect(data.sides[0].sums.matched.amount.EUR).toBe('12345678901234567890.10');
    expect(data.breaks_by_type).toContainEqual({ type: 'MISMATCH', count: 1 });
  });

  it('statistics: what each pass found, and what it left aside and why', async () => {
    const note = '2000001 records in 1 crowded block were not compared';
    const near = { ...emptyYield('near'), pairs: 4, matched: 3, ambiguous: 2, exhausted: 7, notes: [note] };
    const asked = 'Left aside: decision 1; not all of its records are open in this run';
    const manual = { ...emptyYield('manual'), groups: 1, notes: [asked] };
    const { get, id } = await completed(
      {},
      { rows, summary: { ...summary, passes: [...summary.passes, near, manual] } },
    );
    const none = { pairs: 0, agreeing: 0, groups: 0, suggested: 0, ambiguous: 0, exhausted: 0, notes: [] };
    expect((await get(`${id}/statistics`)).passes).toEqual([
      { ...none, pass: '1-exact-key', pairs: 3 },
      { ...none, pass: 'near', pairs: 4, agreeing: 3, ambiguous: 2, exhausted: 7, notes: [note] },
      { ...none, pass: 'manual', groups: 1, notes: [asked] },
    ]);
  });

  it('export-formats: a file by format and status', async () => {
    const { raw } = await completed();
    const csv = await raw('export');
    expect(csv.headers['content-type']).toBe('text/csv');
    expect(csv.headers['content-disposition']).toMatch(/^attachment; filename="q4-vs-erp-[0-9a-f]+-run-1\.csv"/);
    expect(csv.bytes.toString()).toBe('m1\nm2\nd\nx\n');
    expect((await raw('export?status=unmatched')).bytes.toString()).toBe('d\nx\n');
    expect((await raw('export?status=matched')).bytes.toString()).toBe('m1\nm2\n');
    expect((await raw('export?status=approved')).bytes.toString()).toBe('');
    expect((await raw('export?status=pending')).bytes.toString()).toBe('m1\nm2\nd\nx\n');
    expect((await raw('export?format=json')).body).toHaveLength(4);
    expect((await raw('export?format=pdf')).body.details).toEqual({ field: 'format' });
  });

  it('a large export is a redirect, or its link when asked', async () => {
    const { raw, rows: all, deps, id } = await completed();
    const [run] = (await deps.runs.list({ tenant: 'default', reconciliationId: id }, undefined, 1)).items;
    all.set(run!.runId, [row('x'.repeat(4 * 1024 * 1024), 'matched')]);
    const large = await raw('export');
    expect([large.status, large.headers.location]).toEqual([307, expect.stringContaining('exports')]);
    const link = await raw('export?redirect=false');
    expect(link.body).toMatchObject({ success: true, data: { file_size: 4 * 1024 * 1024 + 1 } });
    expect(link.body.data.url).toContain('seconds=900');
  });

  it('an export that takes longer than a request may is 202, and there at the next', async () => {
    const { raw, deps } = await completed();
    const make = deps.results.export;
    let release: (() => void) | undefined;
    const made = new Promise<void>((resolve) => {
      release = resolve;
    });
    deps.exportWaitMs = 20;
    deps.results.export = async (...given) => {
      await made;
      return make(...given);
    };
    const early = await raw('export');
    expect([early.status, early.headers['retry-after']]).toEqual([202, '10']);
    expect(early.body).toEqual({ success: true, message: 'The export is being made' });
    release?.();
    deps.exportWaitMs = 5_000;
    expect((await raw('export')).status).toBe(200);
  });

  it('PAGE_TOO_LARGE: fewer rows are to be asked for', async () => {
    const { raw, rows: all, deps, id } = await completed();
    const [run] = (await deps.runs.list({ tenant: 'default', reconciliationId: id }, undefined, 1)).items;
    all.set(run!.runId, [row('x'.repeat(3 * 1024 * 1024), 'matched'), row('y'.repeat(3 * 1024 * 1024), 'matched')]);
    const { status, body } = await raw('results');
    expect([status, body.error]).toEqual([413, 'PAGE_TOO_LARGE']);
  });

  it('the summary of a project adds its jobs up', async () => {
    const { call, token, project, create } = await completed();
    await create();
    const { data } = (await call('GET', `/api/reconciliation/summary/${project}`, { token })).body;
    expect(data).toMatchObject({
      total_jobs: 2,
      completed_jobs: 1,
      failed_jobs: 0,
      jobs_by_status: [
        { status: 'completed', count: 1 },
        { status: 'pending', count: 1 },
      ],
      total_records: 4,
      matched_records: 2,
      unmatched_records: 2,
      match_rate: 0.5,
    });
  });

  describe('of several passes', () => {
    const difference = { source: 'target', field: 'amount', left: '1.10', right: '1.12', difference: '0.02' };
    const amount = { field: 'amount', left: '3.00', right: '2.97', difference: '-0.03' };
    const inGroup = {
      pass: 'payouts',
      confidence: 0.9,
      groupId: 'g',
      group: { leftRecords: 1, rightRecords: 2, amount },
    };
    const candidate = {
      source: 'target',
      pass: 'near',
      kind: 'nearest',
      rows: [{ row: 7, file: 'target.csv' }],
      records: 1,
      key: 'k',
      cost: 1_500_000,
      failed: ['amount'],
      probability: null,
      evidence: null,
    };
    const found = {
      rows: [
        row('e', 'matched'),
        row('n', 'matched', { pass: 'near', confidence: 0.6, differences: [difference] }),
        row('g1', 'matched', inGroup),
        row('g2', 'matched', inGroup),
        row('x', 'exhausted', {
          breakType: 'SEARCH_EXHAUSTED',
          right: null,
          rightPlace: null,
          pass: null,
          confidence: 0,
          candidates: [candidate],
        }),
      ],
      summary: {
        ...summary,
        pairs: [{ source: 'target', matched: 2, mismatched: 0 }],
        breaks: { MISMATCH: 0, MISSING: 0, DUPLICATE: 0, SEARCH_EXHAUSTED: 1, AMBIGUOUS: 0 },
        passes: [
          { ...emptyYield('1-exact-key'), pairs: 1, matched: 1, confidence: '1' },
          { ...emptyYield('near'), pairs: 1, matched: 1, confidence: '0.600000' },
          { ...emptyYield('payouts'), groups: 1, confidence: '0.900000' },
        ],
      },
    };

    it('matching-confidence: the key is exact, any other pass fuzzy; a break is neither', async () => {
      const { get, id } = await completed({}, found);
      const { results } = await get(`${id}/results`);
      expect(results.map((one: Record<string, unknown>) => [one.match_type, one.confidence_score, one.pass])).toEqual([
        ['exact', 1, '1-exact-key'],
        ['fuzzy', 0.6, 'near'],
        ['fuzzy', 0.9, 'payouts'],
        ['fuzzy', 0.9, 'payouts'],
        ['unmatched', 0, null],
      ]);
      const ids = async (query: string) =>
        (await get(`${id}/results?${query}`)).results.map((one: { id: string }) => one.id);
      expect(await ids('match_type=exact')).toEqual(['e']);
      expect(await ids('match_type=fuzzy')).toEqual(['n', 'g1', 'g2']);
      expect(await ids('match_type=fuzzy&confidence_min=0.8')).toEqual(['g1', 'g2']);
      expect(await ids('match_type=unmatched')).toEqual(['x']);
    });

    it('explains itself: rows and files, what differs, what a group adds up to, the candidates', async () => {
      const { get, id } = await completed({}, found);
      const { results } = await get(`${id}/results`);
      expect(results[1]).toMatchObject({
        source_row: 1,
        source_file: 'source.csv',
        target_row: 2,
        target_file: 'target.csv',
        differences: [],
        explanation: {
          pass: 'near',
          differences: [{ field: 'amount', source_value: '1.10', target_value: '1.12', difference: '0.02' }],
        },
      });
      expect(results[2]).toMatchObject({
        group_id: 'g',
        explanation: {
          group: {
            source_records: 1,
            target_records: 2,
            amount: { field: 'amount', source_sum: '3.00', target_sum: '2.97', difference: '-0.03' },
          },
        },
      });
      expect(results[4]).toMatchObject({
        break_type: 'SEARCH_EXHAUSTED',
        target_row: null,
        target_file: null,
        explanation: { pass: null, candidates: [candidate] },
      });
    });

    it('results-summary: a group counts once, and the average is of all matches', async () => {
      const { get, id } = await completed({}, found);
      expect((await get(`${id}/results`)).summary).toEqual({
        total_records: 4,
        matched_records: 3,
        unmatched_records: 1,
        exact_matches: 1,
        fuzzy_matches: 2,
        average_confidence: 0.833333,
      });
    });

    it('matching-auto-approve: only matches of at least the threshold', async () => {
      const { get, id, raw } = await completed({ auto_approve: true, confidence_threshold: 0.9 }, found);
      const { results } = await get(`${id}/results`);
      const statuses = results.map(({ status }: { status: string }) => status);
      expect(statuses).toEqual(['approved', 'pending', 'approved', 'approved', 'pending']);
      expect((await raw('export?status=approved')).bytes.toString()).toBe('e\ng1\ng2\n');
      expect((await raw('export?status=pending')).bytes.toString()).toBe('n\nx\n');
      expect((await raw('export?status=rejected')).bytes.toString()).toBe('');
    });

    it.each([
      [['0.333333', '0.333334', '1'], 0.555556],
      [['0.1', '0.2', '0'], 0.1],
    ])('results-summary: the average of %j is %d', async (confidences, average) => {
      const passes = confidences.map((confidence, at) => ({
        ...emptyYield(`p${at}`),
        pairs: 1,
        matched: 1,
        confidence,
      }));
      const pairs = [{ source: 'target', matched: 3, mismatched: 0 }];
      const { get, id } = await completed({}, { rows: [], summary: { ...summary, pairs, passes } });
      expect((await get(`${id}/results`)).summary).toMatchObject({ fuzzy_matches: 3, average_confidence: average });
    });
  });
});
