// What verdicts teach: little from few, much from many, the same in any order, and only spellings that nothing contradicts.
import { describe, expect, it } from 'vitest';
import {
  factorMin,
  factorSpread,
  type Label,
  learnFromReviews,
  shiftSpread,
} from '../../../shared/domain/learn-from-reviews.ts';

const label = (verdict: Label['verdict'], weights: Record<string, number>, more: Partial<Label> = {}): Label => ({
  verdict,
  prior: -4,
  weights,
  spellings: [],
  ...more,
});
const times = (count: number, make: (at: number) => Label): Label[] =>
  Array.from({ length: count }, (_, at) => make(at));
const right = (weights: Label['weights'] = { party: 5, amount: 4 }) => label('APPROVED', weights);
const wrong = (weights: Label['weights'] = { party: 5, amount: 1 }) => label('REJECTED', weights);

/** Bits of a pair, after the lesson. */
function weighed({ prior, weights }: Label, lesson: ReturnType<typeof learnFromReviews>): number {
  const sum = Object.entries(weights).reduce(
    (total, [name, weight]) => total + (lesson!.factors[name] ?? 1) * weight,
    0,
  );
  return prior + lesson!.shift + sum;
}

/** What the lesson is to minimise, written once more. */
function loss(labels: Label[], shift: number, factors: Record<string, number>): number {
  const fits = labels.map(({ verdict, prior, weights }) => {
    const bits = Object.entries(weights).reduce((sum, [name, weight]) => sum + factors[name]! * weight, prior + shift);
    return Math.log(1 + 2 ** (verdict === 'APPROVED' ? -bits : bits));
  });
  const penalties = [
    (shift / shiftSpread) ** 2,
    ...Object.values(factors).map((one) => ((one - 1) / factorSpread) ** 2),
  ];
  return fits.reduce((a, b) => a + b, 0) + penalties.reduce((a, b) => a + b, 0) / 2;
}

describe('shift and factors', () => {
  it('nobody has judged: nothing is learned', () => expect(learnFromReviews([])).toBeUndefined());

  it.each([
    ['one approval', [right()]],
    ['one rejection', [wrong()]],
    ['one rejection of what was all but certain', [wrong({ party: 9, amount: 6 })]],
  ])('%s moves a pair of eight bits by less than one and a half', (_, labels) => {
    const lesson = learnFromReviews(labels);
    const pair = label('APPROVED', { party: 8, amount: 4 });
    expect(Math.abs(weighed(pair, lesson) - 8)).toBeLessThan(1.5);
    expect(weighed(pair, lesson)).not.toBe(8);
  });

  it('a field that rejected matches share with approved ones counts less, and the one that tells them apart more', () => {
    const lesson = learnFromReviews([
      ...times(40, () => right({ party: 5, amount: 4 })),
      ...times(40, () => wrong({ party: 5, amount: -0.5 })),
    ])!;
    expect(lesson.factors.party).toBeLessThan(1);
    expect(lesson.factors.amount).toBeGreaterThan(1);
    expect(lesson.from).toEqual({ approvals: 40, rejections: 40 });
    expect(weighed(wrong({ party: 5, amount: -0.5 }), lesson)).toBeLessThan(0);
    expect(weighed(right({ party: 5, amount: 4 }), lesson)).toBeGreaterThan(3);
  });

  it('no factor falls below its least, however many say so', () => {
    const lesson = learnFromReviews(times(5_000, () => wrong({ party: 9 })))!;
    expect(lesson.factors).toEqual({ party: factorMin });
    expect(lesson.shift).toBeLessThan(0);
  });

  it('a field without evidence keeps its factor', () => {
    expect(learnFromReviews([right({ party: 5, amount: 0 })])!.factors.amount).toBe(1);
  });

  it('there is no better answer near the one that is given', () => {
    const labels = [
      ...times(7, (at) => right({ party: 1 + at, amount: at - 2 })),
      ...times(5, (at) => wrong({ party: 6 - at, amount: at })),
    ];
    const { shift, factors } = learnFromReviews(labels)!;
    const least = loss(labels, shift, factors);
    for (const by of [-1e-3, 1e-3]) {
      expect(loss(labels, shift + by, factors)).toBeGreaterThan(least);
      for (const name of Object.keys(factors))
        expect(loss(labels, shift, { ...factors, [name]: factors[name]! + by })).toBeGreaterThan(least);
    }
  });

  it('figures that no double can hold together end in figures all the same', () => {
    const lesson = learnFromReviews([
      ...times(3, () => right({ party: 1e6, amount: -1e6 })),
      ...times(3, () => wrong({ party: 1e6, amount: 1e6 })),
    ])!;
    expect([lesson.shift, ...Object.values(lesson.factors)].every(Number.isFinite)).toBe(true);
  });

  it('the order of the verdicts changes no digit', () => {
    const labels = [
      ...times(30, (at) => right({ party: at / 7, amount: 3 - at / 11 })),
      ...times(30, (at) => wrong({ party: 5 - at / 13, amount: at / 17 })),
    ];
    const lesson = learnFromReviews(labels);
    expect(learnFromReviews(labels.toReversed())).toEqual(lesson);
    expect(learnFromReviews([...labels.slice(17), ...labels.slice(0, 17)])).toEqual(lesson);
  });
});

describe('equivalences', () => {
  const shown = (left: string, other: string, verdict: Label['verdict'] = 'APPROVED', field = 'party') =>
    label(verdict, { party: 1 }, { spellings: [{ field, left, right: other }] });

  it.each<[string, Label[], string[][]]>([
    ['shown twice', [shown('Köln', 'Cologne'), shown('KÖLN', 'cologne')], [['cologne', 'köln']]],
    [
      'either way round',
      [shown('IBM', 'Int. Business Machines'), shown('Int.  business machines', 'IBM')],
      [['ibm', 'int. business machines']],
    ],
    ['shown once', [shown('Köln', 'Cologne')], []],
    ['the same but for case, white space and width', [shown('ＩＢＭ', 'ibm '), shown('IBM', ' ibm')], []],
    [
      'contradicted by a rejection',
      [...times(5, () => shown('Bill', 'William')), shown('William', 'Bill', 'REJECTED')],
      [],
    ],
    [
      'contradicted by approvals: it stands for two',
      [...times(3, () => shown('J Smith', 'John Smith')), shown('J Smith', 'James Smith')],
      [],
    ],
    [
      'a contradiction in another field is none',
      [...times(2, () => shown('a', 'b')), shown('a', 'c', 'APPROVED', 'city'), shown('a', 'b', 'REJECTED', 'city')],
      [['a', 'b']],
    ],
    [
      'two fields show the same',
      [...times(2, () => shown('a', 'b')), ...times(2, () => shown('b', 'a', 'APPROVED', 'city'))],
      [['a', 'b']],
    ],
    ['rejected only', times(3, () => shown('a', 'b', 'REJECTED')), []],
  ])('%s', (_, labels, expected) => {
    expect(learnFromReviews(labels)!.equivalences).toEqual(expected);
  });
});
