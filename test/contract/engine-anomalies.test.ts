// Both engines of the pipeline read the same of what is watched for anomalies, and flag the same breaks.
import { expect, test } from 'vitest';
import type { ObservedValues } from '../../shared/matching/anomaly/find-anomalies.ts';
import { directory, engines, fetchInto, sorted, twoRuns } from './engine-calls.ts';

test('both engines read and flag the same of what is watched', async () => {
  const answers = [];
  for (const [, engine] of engines) {
    const { before, after } = await twoRuns(engine, false);
    const watched = {
      amounts: ['amount'],
      differences: ['amount'],
      days: [],
      values: ['currency'],
      currency: 'currency',
    };
    const usual = { median: '1.00', spread: '0.10', low: null, high: '2.00', runs: 9 };
    const limit = {
      kind: 'amount' as const,
      field: 'amount',
      currency: 'EUR',
      above: 2.6,
      middle: 0,
      spread: 0.5,
      usual,
    };
    const limits = [{ ...limit, values: 1_234, subject: { field: 'amount', currency: 'EUR' } }];
    const anomaly = { kind: 'counterparty' as const, subject: {}, value: '1', usual, score: null, explanation: 'new' };
    const values = [{ field: 'currency', value: 'EUR', anomaly }];
    const find = async (compared: typeof before, earlier?: { ledgerPath: string; anomaliesPath: string }) => {
      const own = directory();
      const paths = {
        breaksPath: fetchInto(own, compared.breaksPath),
        ledgerPath: fetchInto(own, compared.ledgerPath),
      };
      const fetched = earlier && {
        ledgerPath: fetchInto(own, earlier.ledgerPath),
        anomaliesPath: fetchInto(own, earlier.anomaliesPath),
      };
      const seen: ObservedValues[] = [];
      const judge = (observed: ObservedValues) => {
        seen.push(observed);
        return { limits, values };
      };
      const found = await engine.findAnomalies({ directory: own, ...paths, before: fetched, watched, judge });
      return { found, seen: seen[0]! };
    };
    const first = await find(before);
    const second = await find(after, { ledgerPath: before.ledgerPath, anomaliesPath: first.found.path! });
    const told = ({ found, seen }: typeof first) => ({
      breaks: found.breaks,
      values: seen.values,
      series: sorted(seen.series.map((one) => ({ ...one, sample: one.sample.toSorted() }))),
    });
    const own = directory();
    const path = fetchInto(own, after.changesPath);
    const anomaliesPath = fetchInto(own, second.found.path!);
    const changes = await engine.changes({ directory: own, path, anomaliesPath, offset: 0, limit: 10 });
    const anomalies = changes.flatMap((change) => (change.kind === 'gone' ? [] : (change.observed.anomalies ?? [])));
    answers.push({ first: told(first), second: told(second), anomalies: sorted(anomalies) });
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({ first: { values: { currency: { EUR: 3, USD: 1 } } }, second: { breaks: 4 } });
  expect(answers[0]!.anomalies.join()).toContain('usually up to 2.00 (median 1.00 of 1,234 values in the last 9 runs)');
});
