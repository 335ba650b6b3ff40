// What fuzzy passes go by of what persons said of their matches: the newest lesson, or a new one where there are verdicts that it has not
// seen. A lesson changes no run that was planned before it.
import type { Definition, FuzzyPass } from '../../domain/definition.ts';
import { passName } from '../../domain/definition.ts';
import { type Label, learnFromReviews } from '../../domain/learn-from-reviews.ts';
import type { LearnedPasses } from '../../domain/learned.ts';
import type { Lesson } from '../../domain/lesson.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { Review } from '../../domain/review.ts';
import { canonicalJson } from '../batches/load-hash.ts';
import type { Deps } from '../deps.ts';
import { sha256 } from '../derived-id.ts';
import { untilWritten } from '../until-written.ts';

type LessonDeps = Pick<Deps, 'reviews' | 'clock'>;

/** Undefined where nobody has judged anything that a pass could learn from. */
export async function newestLesson(
  deps: LessonDeps,
  { tenant, reconciliationId }: ReconciliationRef,
  definition: Definition,
  reviews: Review[],
): Promise<Lesson | undefined> {
  const ref = { tenant, reconciliationId };
  return untilWritten(async () => {
    const latest = await latestLesson(deps, ref);
    const labels = labelsOf(definition, reviews, latest?.forgottenUntil);
    const basis = basisOf(labels);
    if (latest ? latest.basis === basis : labels.size === 0) return { lesson: latest };
    const version = (latest?.version ?? 0) + 1;
    const passes: LearnedPasses = {};
    for (const [name, of] of labels) passes[name] = { version, ...learnFromReviews(of)! };
    const lesson: Lesson = {
      ...ref,
      version,
      kind: 'lesson',
      at: new Date(deps.clock.now()).toISOString(),
      basis,
      ...(latest?.forgottenUntil !== undefined && { forgottenUntil: latest.forgottenUntil }),
      passes,
    };
    return (await deps.reviews.addLesson(lesson)) ? { lesson } : undefined;
  }).then(({ lesson }) => lesson);
}

/** Forgets every verdict until now, for learning: a rejected match stays rejected. */
export function resetLearning(
  deps: LessonDeps,
  { tenant, reconciliationId }: ReconciliationRef,
  by: string,
): Promise<Lesson> {
  return untilWritten(async () => {
    const ref = { tenant, reconciliationId };
    const version = ((await latestLesson(deps, ref))?.version ?? 0) + 1;
    const at = new Date(deps.clock.now()).toISOString();
    const basis = basisOf(new Map());
    const lesson: Lesson = { ...ref, version, kind: 'reset', at, by, basis, forgottenUntil: at, passes: {} };
    return (await deps.reviews.addLesson(lesson)) ? lesson : undefined;
  });
}

async function latestLesson(deps: LessonDeps, ref: ReconciliationRef): Promise<Lesson | undefined> {
  return (await deps.reviews.lessons(ref, undefined, 1)).items[0];
}

/** By pass. What a pass of another definition weighed counts as far as this one has a pass of its name with its fields. */
function labelsOf({ passes }: Definition, reviews: Review[], forgottenUntil: string | undefined): Map<string, Label[]> {
  const labels = new Map<string, Label[]>();
  for (const [index, pass] of passes.entries()) {
    if (pass.kind !== 'fuzzy') continue;
    const name = passName(pass, index);
    const of = reviews.filter((one) => one.pass === name && (forgottenUntil === undefined || one.at > forgottenUntil));
    const found = of.flatMap((review) => labelOf(pass, review));
    if (found.length > 0) labels.set(name, found);
  }
  return labels;
}

function labelOf({ fields }: FuzzyPass, { verdict, evidence }: Review): Label[] {
  if (!evidence) return [];
  const has = ({ field }: { field: string }) => fields.some((one) => one.field === field);
  const weights = Object.fromEntries(evidence.fields.filter(has).map(({ field, weight }) => [field, weight]));
  return [{ verdict, prior: evidence.prior, weights, spellings: evidence.spellings.filter(has) }];
}

function basisOf(labels: Map<string, Label[]>): string {
  const sorted = [...labels].map(([name, of]) => [name, of.map((label) => canonicalJson(label)).sort()]);
  return sha256(canonicalJson(sorted));
}
