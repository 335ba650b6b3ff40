// Fellegi-Sunter parameters without labels: how often each level of agreement comes up among pairs that are the same thing
// (m) and among those that are not (u), and how many of the former there are. Pure.
import { createExclusion, type Pairs } from './exclusion.ts';
import { aloneLeast, type Group, mostMatches, oddsWithin } from './prior-odds.ts';

/** Equal vectors of levels, and how many pairs have them. Level 0 is that a value is absent: no evidence. */
export type Patterns = { levels: Uint8Array[]; counts: number[] };

export type Estimation = {
  /** Levels of each field without level 0. */
  levelCounts: number[];
  /** Of pairs that can be matches: all that agree in anything that matters. */
  candidates: Patterns;
  /** The candidates one by one where a record has one partner at most; absent where it may have several. */
  exclusive?: Pairs;
  /** How many records, and pairs of them, there are of which the candidates were found. */
  lefts: number;
  rights: number;
  pairs: number;
  /** Where pairs are possible only within groups of records. */
  groups?: Group[];
  /** Of pairs taken at random, from which u is estimated. */
  random: Patterns;
  /**
   * Per field, of all pairs that are possible: those with equal values, and those with both values, where they were counted. Of values
   * that hardly any two records share random pairs hold none.
   */
  counted?: ({ equal: number; present: number } | undefined)[];
  /** Which of the candidates are among those: per pair of `exclusive`, or how many there are per pattern. */
  drawn: ArrayLike<number>;
  /** Per field the earlier one that it depends on among pairs that are no matches, as a postcode does on the city. */
  dependsOn?: (number | undefined)[];
  iterationsMax?: number;
};

export type Model = {
  /** Per field and level, from level 1 on. */
  m: number[][];
  u: number[][];
  /** Per field that depends on another: u where that other is equal; `u` then is where it is not. */
  uGiven: (number[] | undefined)[];
  dependsOn: (number | undefined)[];
  /** Expected matches among the pairs. */
  matches: number;
  /** Odds of a pair before anything is known of it. */
  odds: number;
  iterations: number;
  converged: boolean;
};

/** Parameters that move less than this no longer move. */
const still = 1e-5;
/** Counts that no pair has been seen of: half a pair, so that no level is impossible. */
const unseen = 0.5;
/** Pairs that are different, besides those at hand: in a file of five, to agree is no likelier than elsewhere. */
const differentElsewhere = 10;
/** Of files in which nothing matches. */
const oddsLeast = 1e-15;

/**
 * Fellegi and Sunter (1969) give the weight log₂(m ÷ u) of a level; Winkler (1988) estimates m and the number of matches by
 * expectation-maximisation (Dempster, Laird and Rubin, 1977), fields being independent given the class. A pair's
 * odds are prior odds · Πm ÷ Πu; where records have one partner at most, a pair's probability also depends on its rivals
 * (exclusion.ts). Pairs that are no candidates count as no match. u comes from random pairs, of which matches are
 * taken out by their probability: in small files they are not rare among them. Summed in the order of the patterns,
 * so that they decide the figures and nothing else.
 */
export function estimate(given: Estimation): Model {
  const { levelCounts, candidates, exclusive, random, drawn, iterationsMax = 300 } = given;
  const most = exclusive ? matchesMost(given) : given.pairs / 2;
  const exclusion = exclusive && createExclusion(exclusive, given.lefts, given.rights);
  const { dependsOn, ...start } = withoutEstimation(given);
  let { m, u, uGiven, matches, odds } = start;
  const seenAtRandom = countsApart(levelCounts, random, random.counts, dependsOn);
  for (let iteration = 1; iteration <= iterationsMax; iteration += 1) {
    const weights = levelWeights({ m, u, uGiven, dependsOn });
    const ratios = candidates.levels.map((pattern) => odds * likelihoodRatio(pattern, weights));
    const { matched, matchedDrawn } = exclusion
      ? byPattern(ratios.length, exclusive!.pattern, exclusion.probabilities(ratios), drawn)
      : {
          matched: ratios.map((ratio, at) => (candidates.counts[at]! * ratio) / (1 + ratio)),
          matchedDrawn: ratios.map((ratio, at) => (drawn[at]! * ratio) / (1 + ratio)),
        };
    const nextMatches = Math.min(sum(matched), most);
    const matchedLevels = levelCountsOf(levelCounts, candidates, matched);
    const nextM = sharesOf(matchedLevels);
    const drawnMatches = countsApart(levelCounts, candidates, matchedDrawn, dependsOn);
    const sampledU = chanceShares(difference(seenAtRandom.otherwise, drawnMatches.otherwise));
    const nextU = countedShares(sampledU, given, matchedLevels);
    const nextGiven = givenShares(difference(seenAtRandom.given, drawnMatches.given), dependsOn);
    const moved = Math.max(largestMove(m, nextM), largestMove(u, nextU), Math.abs(nextMatches / matches - 1));
    [m, u, uGiven, matches] = [nextM, nextU, nextGiven, nextMatches];
    odds = priorOdds(given, matches);
    if (!(matches > 0)) return { m, u, uGiven, dependsOn, matches, odds, iterations: iteration, converged: false };
    if (moved < still) return { m, u, uGiven, dependsOn, matches, odds, iterations: iteration, converged: true };
  }
  return { m, u, uGiven, dependsOn, matches, odds, iterations: iterationsMax, converged: false };
}

function byPattern(patterns: number, pattern: Int32Array, probabilities: Float64Array, drawn: ArrayLike<number>) {
  const matched = new Array<number>(patterns).fill(0);
  const matchedDrawn = new Array<number>(patterns).fill(0);
  for (let at = 0; at < pattern.length; at += 1) {
    matched[pattern[at]!]! += probabilities[at]!;
    matchedDrawn[pattern[at]!]! += probabilities[at]! * drawn[at]!;
  }
  return { matched, matchedDrawn };
}

/** Of a pair whose records have no other partner where one is the most they can have; else of any pair. */
export function priorOdds(
  {
    exclusive,
    lefts,
    rights,
    pairs,
    groups,
  }: Pick<Estimation, 'lefts' | 'rights' | 'pairs' | 'groups'> & {
    exclusive?: unknown;
  },
  matches: number,
): number {
  if (exclusive && groups) return Math.max(oddsWithin(groups, matches), oddsLeast);
  const alone = (records: number) => Math.max(records - matches, aloneLeast * records, 1);
  const odds = exclusive ? matches / (alone(lefts) * alone(rights)) : matches / Math.max(1, pairs - matches);
  return Math.max(odds, oddsLeast);
}

/** The model that estimation starts from: matches as they mostly are, u from random pairs, a partner for every second record. */
export function withoutEstimation(given: Omit<Estimation, 'candidates' | 'drawn'>): Model {
  const { levelCounts, random } = given;
  const dependsOn = given.dependsOn ?? levelCounts.map(() => undefined);
  const seen = countsApart(levelCounts, random, random.counts, dependsOn);
  const matches = matchesMost(given) / 2;
  return {
    m: levelCounts.map(startOfMatches),
    u: countedShares(chanceShares(seen.otherwise), given),
    uGiven: givenShares(seen.given, dependsOn),
    dependsOn,
    matches,
    odds: priorOdds(given, matches),
    iterations: 0,
    converged: false,
  };
}

function matchesMost({ groups, lefts, rights }: Pick<Estimation, 'groups' | 'lefts' | 'rights'>): number {
  return groups ? mostMatches(groups) : Math.min(lefts, rights);
}

/** What matches are taken to be like before anything is known: four of five values equal, nearer levels likelier. */
export function startOfMatches(levels: number): number[] {
  if (levels === 1) return [1];
  const rest = Array.from({ length: levels - 1 }, (_, at) => 0.5 ** at);
  return [0.8, ...rest.map((one) => (0.2 * one) / sum(rest))];
}

type LevelWeights = { otherwise: number[][]; given: (number[] | undefined)[]; dependsOn: (number | undefined)[] };

function levelWeights({ m, u, uGiven, dependsOn }: Pick<Model, 'm' | 'u' | 'uGiven' | 'dependsOn'>): LevelWeights {
  const against = (field: number[], chance: number[]) => field.map((one, level) => Math.log(one / chance[level]!));
  return {
    otherwise: m.map((field, at) => against(field, u[at]!)),
    given: m.map((field, at) => uGiven[at] && against(field, uGiven[at]!)),
    dependsOn,
  };
}

function likelihoodRatio(pattern: Uint8Array, { otherwise, given, dependsOn }: LevelWeights): number {
  let weight = 0;
  for (let field = 0; field < pattern.length; field += 1) {
    const level = pattern[field]!;
    if (level === 0) continue;
    const other = dependsOn[field];
    const weights = other !== undefined && pattern[other] === 1 ? given[field]! : otherwise[field]!;
    weight += weights[level - 1]!;
  }
  return Math.exp(weight);
}

/** Of a field that depends on another, apart: where that other is equal, and otherwise. */
function countsApart(
  levelCounts: number[],
  { levels }: Patterns,
  counts: number[],
  dependsOn: (number | undefined)[],
): { otherwise: number[][]; given: number[][] } {
  const otherwise = levelCounts.map((count) => new Array<number>(count).fill(0));
  const given = levelCounts.map((count) => new Array<number>(count).fill(0));
  for (const [at, pattern] of levels.entries())
    for (let field = 0; field < pattern.length; field += 1) {
      if (pattern[field] === 0) continue;
      const other = dependsOn[field];
      const seen = other !== undefined && pattern[other] === 1 ? given : otherwise;
      seen[field]![pattern[field]! - 1]! += counts[at]!;
    }
  return { otherwise, given };
}

function chanceShares(seen: number[][]): number[][] {
  for (const field of seen) field[field.length - 1]! += differentElsewhere;
  return sharesOf(seen);
}

/** With the share of equal values as it was counted, but for those of the matches; the others keep their proportions. */
function countedShares(
  u: number[][],
  { counted, dependsOn }: Pick<Estimation, 'counted' | 'dependsOn'>,
  matched?: number[][],
): number[][] {
  return u.map((shares, field) => {
    const of = counted?.[field];
    // Of a field that depends on another those pairs were not counted in which the other is not equal.
    if (!of || dependsOn?.[field] !== undefined || shares.length === 1) return shares;
    const seen = matched?.[field] ?? [0];
    const equal = Math.max(0, of.equal - seen[0]!) + unseen;
    const all = Math.max(0, of.present - sum(seen)) + differentElsewhere + unseen * shares.length;
    const rest = (1 - equal / all) / (1 - shares[0]!);
    return [equal / all, ...shares.slice(1).map((share) => share * rest)];
  });
}

function givenShares(seen: number[][], dependsOn: (number | undefined)[]): (number[] | undefined)[] {
  return chanceShares(seen).map((shares, field) => (dependsOn[field] === undefined ? undefined : shares));
}

function levelCountsOf(levelCounts: number[], { levels }: Patterns, counts: number[]): number[][] {
  const seen = levelCounts.map((count) => new Array<number>(count).fill(0));
  for (const [at, pattern] of levels.entries())
    for (let field = 0; field < pattern.length; field += 1)
      if (pattern[field]! > 0) seen[field]![pattern[field]! - 1]! += counts[at]!;
  return seen;
}

function difference(all: number[][], some: number[][]): number[][] {
  return all.map((field, at) => field.map((count, level) => Math.max(0, count - some[at]![level]!)));
}

function sharesOf(seen: number[][]): number[][] {
  return seen.map((field) => {
    const all = sum(field) + unseen * field.length;
    return field.map((count) => (count + unseen) / all);
  });
}

function largestMove(before: number[][], after: number[][]): number {
  return Math.max(...before.flatMap((field, at) => field.map((one, level) => Math.abs(one - after[at]![level]!))));
}

function sum(values: number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
