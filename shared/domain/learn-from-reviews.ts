// What verdicts of persons teach a fuzzy pass: how far its weights are off, and which spellings are one thing. Pure: the same verdicts in
// any order give the same lesson, to six digits. docs/decisions/0016-learning-from-reviews.md has the formulas and their sources.
import type { Learned } from './learned.ts';
import type { ReviewVerdict, Spelling } from './review.ts';

/** A match that a person judged, as the pass weighed it before it had learned anything: bits. */
export type Label = {
  verdict: ReviewVerdict;
  prior: number;
  weights: Record<string, number>;
  spellings: Spelling[];
};

/** How far shift (bits) and factors are expected to lie from 0 and 1: the standard deviations of the penalty. */
export const shiftSpread = 0.5;
export const factorSpread = 0.125;
/** No field is quite silenced: from what is kept of a match it can then still be told what its values weighed. */
export const factorMin = 0.1;
/** Approved matches of two spellings that make them one. */
const showingsMin = 2;
export const equivalencesMax = 500;

/** Undefined where nobody has judged. */
export function learnFromReviews(labels: Label[]): Omit<Learned, 'version'> | undefined {
  if (labels.length === 0) return undefined;
  const inOrder = [...labels].map((label) => ({ label, text: canonical(label) }));
  inOrder.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  const ordered = inOrder.map(({ label }) => label);
  const names = [...new Set(ordered.flatMap(({ weights }) => Object.keys(weights)))].sort();
  const [shift, ...factors] = fit(ordered, names);
  const approvals = ordered.filter(({ verdict }) => verdict === 'APPROVED').length;
  return {
    shift: rounded(shift!),
    factors: Object.fromEntries(names.map((name, at) => [name, rounded(factors[at]!)])),
    equivalences: equivalencesOf(ordered),
    from: { approvals, rejections: ordered.length - approvals },
  };
}

/**
 * Ridge logistic regression (le Cessie and van Houwelingen, 1992) of the verdicts on the weights, around the weights themselves:
 * bits = prior + shift + Σ factor × weight. By Newton's method with the factors kept from falling below their least (Bertsekas, 1982);
 * the penalty makes the function strictly convex, so that there is one answer.
 */
function fit(labels: Label[], names: string[]): number[] {
  const rows = labels.map(({ verdict, prior, weights }) => ({
    sign: verdict === 'APPROVED' ? 1 : -1,
    base: prior * Math.LN2,
    slopes: [Math.LN2, ...names.map((name) => (weights[name] ?? 0) * Math.LN2)],
  }));
  const centre = [0, ...names.map(() => 1)];
  const stiffness = centre.map((_, at) => 1 / (at === 0 ? shiftSpread : factorSpread) ** 2);
  const least = centre.map((_, at) => (at === 0 ? Number.NEGATIVE_INFINITY : factorMin));

  const marginOf = ({ sign, base, slopes }: (typeof rows)[number], at: number[]): number =>
    sign * (base + slopes.reduce((sum, slope, index) => sum + slope * at[index]!, 0));
  const loss = (at: number[]): number =>
    rows.reduce((sum, row) => sum + softplus(-marginOf(row, at)), 0) +
    at.reduce((sum, value, index) => sum + (stiffness[index]! * (value - centre[index]!) ** 2) / 2, 0);

  let at = centre;
  let now = loss(at);
  for (let round = 0; round < roundsMax; round += 1) {
    const gradient = at.map((value, index) => stiffness[index]! * (value - centre[index]!));
    const curvature = at.map((_, i) => at.map((__, j) => (i === j ? stiffness[i]! : 0)));
    for (const row of rows) {
      const wrong = 1 / (1 + Math.exp(marginOf(row, at)));
      for (const [i, slope] of row.slopes.entries()) {
        gradient[i]! -= row.sign * wrong * slope;
        for (const [j, other] of row.slopes.entries()) curvature[i]![j]! += wrong * (1 - wrong) * slope * other;
      }
    }
    const free = at.flatMap((value, index) => (value <= least[index]! && gradient[index]! > 0 ? [] : [index]));
    const step = solve(
      free.map((i) => free.map((j) => curvature[i]![j]!)),
      free.map((i) => gradient[i]!),
    );
    let next = at;
    let lower = now;
    for (let share = 1; share > shareMin && !(lower < now); share /= 2) {
      const tried = at.map((value, index) => {
        const position = free.indexOf(index);
        return position === -1 ? value : Math.max(least[index]!, value - share * step[position]!);
      });
      const there = loss(tried);
      if (there < now) [next, lower] = [tried, there];
    }
    const moved = Math.max(...next.map((value, index) => Math.abs(value - at[index]!)));
    [at, now] = [next, lower];
    if (moved < precision) break;
  }
  return at;
}
const roundsMax = 100;
const shareMin = 1e-9;
const precision = 1e-9;

/** ln(1 + eˣ), without overflow. */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** Cholesky: the matrix is symmetric and positive definite. */
function solve(matrix: number[][], right: number[]): number[] {
  const lower = matrix.map((line) => line.map(() => 0));
  for (const i of matrix.keys())
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i]![j]!;
      for (let k = 0; k < j; k += 1) sum -= lower[i]![k]! * lower[j]![k]!;
      lower[i]![j] = i === j ? Math.sqrt(sum) : sum / lower[j]![j]!;
    }
  const half: number[] = [];
  for (const i of right.keys())
    half.push((right[i]! - half.reduce((sum, value, k) => sum + lower[i]![k]! * value, 0)) / lower[i]![i]!);
  const solution = right.map(() => 0);
  for (let i = right.length - 1; i >= 0; i -= 1) {
    let sum = half[i]!;
    for (let k = i + 1; k < right.length; k += 1) sum -= lower[k]![i]! * solution[k]!;
    solution[i] = sum / lower[i]![i]!;
  }
  return solution;
}

/**
 * Two spellings of a field that approved matches have shown as one at least twice, where nothing contradicts: no rejected match has the two,
 * and no approved one has either beside yet another spelling, for then it may stand for both (`J Smith`: John, James).
 */
function equivalencesOf(labels: Label[]): string[][] {
  const shown = new Map<string, { group: string[]; approved: number; rejected: number }>();
  const partners = new Map<string, Set<string>>();
  for (const { verdict, spellings } of labels)
    for (const { field, left, right } of spellings) {
      const [one, other] = [plain(left), plain(right)];
      if (one === other || one === '' || other === '') continue;
      const pair = [one, other].sort();
      const seen = shown.get(JSON.stringify([field, ...pair])) ?? { group: pair, approved: 0, rejected: 0 };
      shown.set(JSON.stringify([field, ...pair]), seen);
      if (verdict === 'REJECTED') seen.rejected += 1;
      else {
        seen.approved += 1;
        for (const [spelling, partner] of [
          [one, other],
          [other, one],
        ] as const) {
          const key = JSON.stringify([field, spelling]);
          partners.set(key, (partners.get(key) ?? new Set()).add(partner));
        }
      }
    }
  const learned = [...shown].filter(([key, { group, approved, rejected }]) => {
    const [field] = JSON.parse(key) as [string];
    const alone = group.every((spelling) => partners.get(JSON.stringify([field, spelling]))?.size === 1);
    return approved >= showingsMin && rejected === 0 && alone;
  });
  learned.sort(([a, one], [b, other]) => other.approved - one.approved || (a < b ? -1 : 1));
  const groups = learned.slice(0, equivalencesMax).map(([, { group }]) => group);
  return [...new Map(groups.map((group) => [JSON.stringify(group), group])).values()].sort((a, b) =>
    JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
  );
}

/** What linking does not tell apart anyway is no other spelling. */
function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

function canonical({ verdict, prior, weights, spellings }: Label): string {
  const texts = spellings.map(({ field, left, right }) => JSON.stringify([field, left, right])).sort();
  return JSON.stringify([verdict, prior, Object.entries(weights).sort(), texts]);
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6 + 0;
}
