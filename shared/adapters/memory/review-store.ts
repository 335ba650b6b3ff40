// Twin of the DynamoDB review store.
import type { ReviewRef } from '../../domain/review.ts';
import type { ReviewStore } from '../../ports/review-store.ts';
import { keyOf, type MemoryState, pageOf, reconciliationKey } from './state.ts';

const reviewKey = ({ tenant, reconciliationId, reviewId }: ReviewRef): string =>
  keyOf(tenant, reconciliationId, reviewId);

export function createMemoryReviewStore(state: MemoryState): ReviewStore {
  return {
    async get(ref) {
      return structuredClone(state.reviews.get(reviewKey(ref)));
    },
    async save(review) {
      const key = reviewKey(review);
      if ((state.reviews.get(key)?.version ?? 0) !== review.version) return false;
      state.reviews.set(key, { ...structuredClone(review), version: review.version + 1 });
      return true;
    },
    async list(ref, cursor, limit = 100) {
      const items = [...state.reviews.values()]
        .filter((item) => reconciliationKey(item) === reconciliationKey(ref))
        .sort((a, b) => (a.reviewId < b.reviewId ? -1 : 1));
      return pageOf(items, ({ reviewId }) => reviewId, cursor, limit);
    },
    async lessons(ref, cursor, limit = 100) {
      const items = [...state.lessons.values()]
        .filter((item) => reconciliationKey(item) === reconciliationKey(ref))
        .sort((a, b) => b.version - a.version);
      return pageOf(items, ({ version }) => String(version), cursor, limit);
    },
    async addLesson(lesson) {
      const key = keyOf(lesson.tenant, lesson.reconciliationId, lesson.version);
      if (state.lessons.has(key)) return false;
      state.lessons.set(key, structuredClone(lesson));
      return true;
    },
  };
}
