// What happened, who did it and what it changed: the feed that persons read and the trail that auditors read. An entry is
// never changed or removed.

export type ActivityEntry = {
  tenant: string;
  /** Who may see the reconciliation sees the entry; absent: administrators only. */
  reconciliationId?: string;
  eventType: ActivityEventType;
  /** A sentence for a person: `Run 915 completed successfully`. */
  details: string;
  /** Full DN of the person who did it, or `SYSTEM`. */
  actorDn: string;
  /** What a change changed: path → the values before and after; absent where there was none. */
  difference?: Record<string, { before?: unknown; after?: unknown }>;
  /** Names the event, uniquely in the tenant: what may be recorded again after a crash is written once. Absent: each time. */
  cause?: string;
};

/** Ids are whole numbers of the tenant, and rise. */
export type RecordedActivity = Omit<ActivityEntry, 'cause'> & { id: number; recordedAt: string };

/** An entry that has its number and is not written yet: whoever makes the change that it tells of writes both at once. */
export type NumberedActivity = ActivityEntry & { id: number; recordedAt: string };

export type ActivityEventType =
  | 'RECONCILIATION_RUN'
  | 'BREAK_STATUS_CHANGE'
  | 'BREAK_COMMENT'
  | 'BREAK_BULK_ACTION'
  | 'BREAK_ASSIGNMENT'
  | 'BREAK_REASON'
  | 'DEFINITION_CREATED'
  | 'DEFINITION_CHANGED'
  | 'DEFINITION_PUBLISHED'
  | 'DEFINITION_RETIRED'
  | 'BATCH_INGESTED'
  | 'INGESTION_FAILED'
  | 'SOURCE_LATE'
  | 'SCHEDULED_RUN_SKIPPED'
  | 'NOTIFICATION_FAILED'
  | 'REPORT_EXPORTED';

export type ActivityLog = {
  /** Of one tenant, in their order. */
  record(...entries: ActivityEntry[]): Promise<void>;
  /** The same for entries that a store writes in the transaction of a change. A number that is never written is a gap. */
  number(...entries: ActivityEntry[]): Promise<NumberedActivity[]>;
  /** The newest first, below the number `before`: of one reconciliation, or of the whole tenant where none is named. */
  newest(
    tenant: string,
    reconciliationId: string | undefined,
    limit: number,
    before?: number,
  ): Promise<RecordedActivity[]>;
};
