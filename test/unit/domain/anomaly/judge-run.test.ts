// A run beside its history: what is planted is found and told, what keeps to its law is left alone, and what is remembered is bounded.
import { describe, expect, test } from 'vitest';
import type { Anomaly } from '../../../../shared/domain/anomaly/anomaly.ts';
import { type AnomalyHistory, emptyHistory } from '../../../../shared/domain/anomaly/history.ts';
import { type Judged, judgeRun } from '../../../../shared/domain/anomaly/judge-run.ts';
import { type Generated, generatedRuns, type Law, type Planted } from './generated-runs.ts';

const lognormal: Law = { amount: (gauss) => Math.exp(5 + 1.5 * gauss), breaks: 30 };
const laws: [string, Law][] = [
  ['log-normal amounts', lognormal],
  ['amounts with a heavy tail', { amount: (_gauss, uniform) => 100 / (1 - uniform) ** (1 / 1.2), breaks: 30 }],
  ['rounding differences', { amount: (_gauss, uniform) => 0.01 * (1 + Math.floor(uniform * 5)), breaks: 30 }],
  ['two sizes', { amount: (gauss, uniform) => (uniform < 0.9 ? 0.05 : Math.exp(7 + gauss)), breaks: 30 }],
  ['few breaks', { ...lognormal, breaks: 5 }],
  ['many breaks', { ...lognormal, breaks: 300 }],
  ['mondays of three times the volume', { ...lognormal, monday: 3 }],
];

function play(seed: number, law: Law, runs: number, each: (run: Generated, judged: Judged) => void = () => {}) {
  const next = generatedRuns(seed, law);
  let history: AnomalyHistory = emptyHistory;
  const judge = (planted?: Planted) => {
    const run = next(planted);
    const judged = judgeRun(history, run);
    history = judged.history;
    each(run, judged);
    return { run, judged };
  };
  for (let run = 0; run < runs; run += 1) judge();
  return { judge, history: () => history };
}

function flagged({ limits, values }: Judged, { amount, counterparty }: Generated['breaks'][number]): boolean {
  return limits.some(({ above }) => Number(amount) > above) || values.some(({ value }) => value === counterparty);
}

describe('of a stable history', () => {
  test.each(laws)('with %s under 1 %% of breaks and 5 %% of runs are flagged', (_name, law) => {
    const tally = { breaks: 0, flagged: 0, runs: 0, unusual: 0 };
    for (const seed of [1, 2, 3])
      play(seed, law, 120, (run, judged) => {
        if (judged.anomalies.learning) return;
        tally.runs += 1;
        if (judged.anomalies.found.some(({ kind }) => kind !== 'counterparty')) tally.unusual += 1;
        tally.breaks += run.breaks.length;
        tally.flagged += run.breaks.filter((one) => flagged(judged, one)).length;
      });
    expect(tally.flagged / tally.breaks).toBeLessThan(0.01);
    expect(tally.unusual / tally.runs).toBeLessThan(0.05);
  });
});

describe('what is planted', () => {
  const kinds = ({ anomalies }: Judged) => anomalies.found.map(({ kind }) => kind);

  test.each<[string, Planted, Anomaly['kind'], RegExp]>([
    [
      'ten times the rows',
      { rows: 10_400 },
      'volume',
      /^10,400 rows of bank: usually \d+ to 1,\d{3} \(median [\d,.]+ of the last 24 runs\)$/,
    ],
    ['a tenth of the rows', { rows: 104 }, 'volume', /^104 rows of ledger: usually/],
    [
      'many rejected',
      { rejected: 100 },
      'rejected',
      /% of the rows of bank were rejected: usually up to [\d.]+ % \(median/,
    ],
    ['few matched', { matched: 500 }, 'matched', /% of the rows of ledger matched: usually [\d.]+ % or more \(median/],
    ['many missing', { missing: 100 }, 'breaks', /^100 breaks of type MISSING: usually up to \d+ \(median/],
    [
      'one vast amount',
      { amounts: ['90000000.00'] },
      'open-amount',
      /^90,\d{3},\d{3}\.\d\d EUR open in amount of bank: usually up to/,
    ],
    [
      'a new counterparty',
      { counterparties: ['NEWCO'] },
      'counterparty',
      /^1 new break of NEWCO in counterparty, which had none in the last 24 runs$/,
    ],
    [
      'a counterparty of another number',
      { counterparties: Array(60).fill('C19') },
      'counterparty',
      /of C19 in counterparty: usually up to \d+ \(median/,
    ],
  ])('%s is found and told', (_name, planted, kind, told) => {
    const { judge } = play(7, lognormal, 24);
    const { judged } = judge(planted);
    expect(kinds(judged)).toContain(kind);
    expect(judged.anomalies.found.filter((one) => one.kind === kind).map(({ explanation }) => explanation)).toEqual(
      expect.arrayContaining([expect.stringMatching(told)]),
    );
  });

  test('an amount or a counterparty of another kind is flagged on its break, and on no other', () => {
    const { judge } = play(11, lognormal, 24);
    const { run, judged } = judge({ amounts: ['25000000.00'], counterparties: ['NEWCO'] });
    const found = run.breaks.filter((one) => flagged(judged, one));
    expect(found.map(({ amount, counterparty }) => [amount === '25000000.00', counterparty === 'NEWCO'])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test('a new level of volume is usual after two to four runs', () => {
    for (const [before, flaggedMax] of [
      [20, 2],
      [60, 4],
    ] as const) {
      const { judge } = play(5, lognormal, before);
      const seen = Array.from({ length: 8 }, (_, run) => kinds(judge({ rows: 9_000 + run }).judged).includes('volume'));
      expect(seen[0]).toBe(true);
      const end = seen.indexOf(false);
      expect(end).toBeLessThanOrEqual(flaggedMax);
      expect(seen.slice(end)).not.toContain(true);
    }
  });

  test('a single anomaly hides no later one', () => {
    const { judge } = play(9, lognormal, 24);
    for (let time = 0; time < 2; time += 1) {
      expect(kinds(judge({ rows: 10_400, amounts: ['90000000.00'] }).judged)).toEqual(
        expect.arrayContaining(['volume', 'open-amount']),
      );
      judge();
    }
  });
});

describe('what is remembered', () => {
  test('below eight runs nothing is flagged, and the run says that it is learning', () => {
    const { judge } = play(3, lognormal, 7);
    const { judged } = judge({ rows: 50_000, amounts: ['90000000.00'], counterparties: ['NEWCO'] });
    expect(judged).toMatchObject({
      limits: [],
      values: [],
      anomalies: { runs: 7, learning: true, found: [], more: 0 },
    });
    expect(judge().judged.anomalies).toMatchObject({ runs: 8, learning: false });
  });

  test('goes back 60 runs', () => {
    const { history } = play(3, lognormal, 75);
    expect(history().runs.map(({ number }) => number)).toEqual(Array.from({ length: 60 }, (_, run) => run + 16));
  });

  test('is the same of the same runs, also after it was written down', () => {
    const first: Judged[] = [];
    play(21, lognormal, 30, (_run, judged) => first.push(judged));
    const next = generatedRuns(21, lognormal);
    let history = emptyHistory;
    for (const judged of first) {
      const again = judgeRun(JSON.parse(JSON.stringify(history)), next());
      expect(again).toEqual(judged);
      history = again.history;
    }
  });

  test.each([
    ['names of the language', ['__proto__', 'constructor', 'toString']],
    ['long names', ['ß'.repeat(100)]],
  ])('%s are values like any other', (_name, parties) => {
    const { judge } = play(13, lognormal, 24);
    const { judged } = judge({ counterparties: parties });
    expect(judged.values.map(({ value }) => value).toSorted()).toEqual(parties.toSorted());
    for (const { anomaly } of judged.values) expect(Buffer.byteLength(JSON.stringify(anomaly))).toBeLessThan(600);
  });

  test('a field with more values than are counted makes nothing rare', () => {
    const { judge, history } = play(17, lognormal, 24);
    const broken = {
      runs: history().runs.map((run, at) => (at === 3 ? { ...run, values: { counterparty: null } } : run)),
    };
    const whole = history();
    const run = { ...judge().run, values: { counterparty: { NEWCO: 1 } } };
    expect(judgeRun(whole, run).values.map(({ value }) => value)).toEqual(['NEWCO']);
    expect(judgeRun(broken, run).values).toEqual([]);
  });
});
