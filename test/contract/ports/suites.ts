// Every port suite on one implementation.
import { describe } from 'vitest';
import { activityLogSuite } from './activity-log.ts';
import { batchStoreSuite } from './batch-store.ts';
import { breakStoreSuite } from './break-store.ts';
import { bulkStoreSuite } from './bulk-store.ts';
import { decisionStoreSuite } from './decision-store.ts';
import { idsSuite } from './ids.ts';
import { mailOutboxSuite } from './mail-outbox.ts';
import { numberStoreSuite } from './number-store.ts';
import { objectStoreSuite } from './object-store.ts';
import { reconciliationStoreSuite } from './reconciliation-store.ts';
import { reviewStoreSuite } from './review-store.ts';
import { runStoreSuite } from './run-store.ts';
import { scheduleStoreSuite } from './schedule-store.ts';
import type { Implementation } from './stores.ts';
import { taskStoreSuite } from './task-store.ts';
import { uploadStoreSuite } from './upload-store.ts';
import { workQueueSuite } from './work-queue.ts';

export function portSuites(implementation: Implementation): void {
  describe('ReconciliationStore', () => reconciliationStoreSuite(implementation.openStores));
  describe('BatchStore', () => batchStoreSuite(implementation.openStores));
  describe('RunStore', () => runStoreSuite(implementation.openStores));
  describe('TaskStore', () => taskStoreSuite(implementation.openStores));
  describe('BreakStore', () => breakStoreSuite(implementation.openStores));
  describe('BulkStore', () => bulkStoreSuite(implementation.openStores));
  describe('DecisionStore', () => decisionStoreSuite(implementation.openStores));
  describe('ReviewStore', () => reviewStoreSuite(implementation.openStores));
  describe('ActivityLog', () => activityLogSuite(implementation.openStores));
  describe('MailOutbox', () => mailOutboxSuite(implementation.openStores));
  describe('ScheduleStore', () => scheduleStoreSuite(implementation.openStores));
  describe('UploadStore', () => uploadStoreSuite(implementation.openStores));
  describe('NumberStore', () => numberStoreSuite(implementation.openStores));
  describe('ObjectStore', () => objectStoreSuite(implementation.openObjects));
  describe('WorkQueue', () => workQueueSuite(implementation.openQueue));
  describe('Ids', () => idsSuite(implementation.openIds));
}
