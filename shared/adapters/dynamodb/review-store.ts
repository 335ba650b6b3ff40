// Reviews and lessons: an item each in two partitions per reconciliation, which are read strongly consistent: what is in them
// decides what a run goes by.
import { PutItemCommand } from 'dynamodb-toolbox';
import type { Lesson } from '../../domain/lesson.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { Review } from '../../domain/review.ts';
import type { ReviewStore } from '../../ports/review-store.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItem, keyText, openEntity, type StoreTable, sortable } from './table.ts';

export function createReviewStore(table: StoreTable): ReviewStore {
  const reviews = openEntity(table, 'review');
  const lessons = openEntity(table, 'lesson');
  const partitionOf = (kind: 'reviews' | 'lessons', { tenant, reconciliationId }: ReconciliationRef): string =>
    keyText(tenant, kind, reconciliationId);
  const absent = { attr: 'pk', exists: false } as const;
  return {
    async get(ref) {
      const item = await getItem(reviews, { pk: partitionOf('reviews', ref), sk: ref.reviewId });
      return item && readDocument<Review>(item);
    },
    save(review) {
      const next = { ...review, version: review.version + 1 };
      const put = reviews.build(PutItemCommand).item({
        pk: partitionOf('reviews', review),
        sk: review.reviewId,
        version: next.version,
        ...writeDocument(next),
      });
      const condition = review.version === 0 ? absent : ({ attr: 'version', eq: review.version } as const);
      return conditionally(() => put.options({ condition }).send());
    },
    async list(ref, cursor, limit = 100) {
      const page = await queryPage(table, reviews, { partition: partitionOf('reviews', ref) }, limit, cursor);
      return { ...page, items: page.items.map((item) => readDocument<Review>(item)) };
    },
    async lessons(ref, cursor, limit = 100) {
      const query = { partition: partitionOf('lessons', ref), reverse: true };
      const page = await queryPage(table, lessons, query, limit, cursor);
      return { ...page, items: page.items.map((item) => readDocument<Lesson>(item)) };
    },
    addLesson(lesson) {
      const key = { pk: partitionOf('lessons', lesson), sk: sortable(lesson.version) };
      const put = lessons.build(PutItemCommand).item({ ...key, version: lesson.version, ...writeDocument(lesson) });
      return conditionally(() => put.options({ condition: absent }).send());
    },
  };
}
