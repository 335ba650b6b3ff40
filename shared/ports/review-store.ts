// Verdicts of persons on single matches, and the versions of what was learned from them.
import type { Lesson } from '../domain/lesson.ts';
import type { ReconciliationRef } from '../domain/reconciliation.ts';
import type { Review, ReviewRef } from '../domain/review.ts';
import type { Page } from './page.ts';

export type ReviewStore = {
  get(ref: ReviewRef): Promise<Review | undefined>;
  /** Writes version + 1 where the stored version is the given one, 0 where there is none; false on a conflict. */
  save(review: Review): Promise<boolean>;
  /** By id. It decides what a run goes by, so it misses nothing that was written before it was asked. */
  list(ref: ReconciliationRef, cursor?: string, limit?: number): Promise<Page<Review>>;
  /** The newest first; as complete as the reviews. */
  lessons(ref: ReconciliationRef, cursor?: string, limit?: number): Promise<Page<Lesson>>;
  /** False where there is one of this version. */
  addLesson(lesson: Lesson): Promise<boolean>;
};
