// A signed-in user with a project, a file and the ways to make, start and settle jobs of it.
import type { Definition } from '../../../shared/domain/definition.ts';
import { emptyYield, type MatchSummary, type SideCounts } from '../../../shared/domain/outcome.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { multipart, openRecon, users } from './harness.ts';

export async function openJobs() {
  const recon = await openRecon();
  const token = await recon.signIn(users.user);
  const project = (await recon.call('POST', '/api/projects', { token, json: { name: 'P' } })).body.id as string;
  const path = `/api/files/upload?project_id=${project}`;
  const file = (await recon.call('POST', path, { token, ...multipart('id,name\n1,a\n', 'source.csv') })).body
    .id as string;
  const base = { name: 'Q4 vs ERP', project_id: project, source_data_source_id: file, target_data_source_id: file };
  const create = (more: object = {}) =>
    recon.call('POST', '/api/reconciliation/jobs', { token, json: { ...base, ...more } });
  const start = (id: string) => recon.call('POST', `/api/reconciliation/jobs/${id}/start`, { token });
  const get = async (rest: string) =>
    (await recon.call('GET', `/api/reconciliation/jobs/${rest}`, { token })).body.data;
  /** What the pipeline would write: the run at the state that a test wants. */
  const settle = async (id: string, change: Partial<Run>) => {
    const [run] = (await recon.deps.runs.list({ tenant: 'default', reconciliationId: id }, undefined, 1)).items;
    const feed = await recon.deps.batches.feed(run!);
    const active = change.status === 'RUNNING' || change.status === 'QUEUED';
    await recon.deps.runs.save({ ...run!, ...change }, { ...feed, activeRuns: active ? feed.activeRuns : [] });
    return run!.runId;
  };
  return { ...recon, token, project, file, base, create, start, get, settle };
}

export const definition: Definition = {
  name: 'bank',
  sources: [{ name: 'ledger', anchor: true }, { name: 'bank' }],
  fields: [
    { name: 'ref', role: 'KEY', mapping: { ledger: 'ref', bank: 'reference' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { ledger: 'amount', bank: 'value' } },
  ],
  passes: [{ kind: 'exact-key' }],
};

const counts = (matched: number, mismatched: number, missing: number): SideCounts => ({
  rows: matched + mismatched + missing,
  matched,
  mismatched,
  missing,
  duplicate: 0,
  ambiguous: 0,
  exhausted: 0,
  rejected: 0,
  excluded: 0,
});
const none = { matched: {}, mismatched: {}, missing: {}, duplicate: {}, ambiguous: {}, exhausted: {} };
/** Two matches, one mismatch, one row without a partner. */
export const summary: MatchSummary = {
  sides: [
    {
      source: 'source',
      counts: counts(2, 1, 1),
      sums: { ...none, matched: { amount: { EUR: '12345678901234567890.10' } } },
    },
    { source: 'target', counts: counts(2, 1, 0), sums: none },
  ],
  pairs: [{ source: 'target', matched: 2, mismatched: 1 }],
  breaks: { MISMATCH: 1, MISSING: 1, DUPLICATE: 0, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 0 },
  passes: [{ ...emptyYield('1-exact-key'), pairs: 3 }],
};
