// What persons said and did about the breaks of a run, as tables `notes` and `comments` for a workbook. Only those that a person may
// have touched are asked for: of all others there is nothing to know.
import { createHash } from 'node:crypto';
import type { Break, BreakEntry } from '../../domain/break.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { Engine } from '../../matching/engine.ts';
import type { BreakStore, EntryRange } from '../../ports/break-store.ts';

export const notesTable = 'notes';
export const commentsTable = 'comments';

/** Of one question to the store, and how many of them are under way at once. */
const breaksAtOnce = 100;
const questionsAtOnce = 8;
/** Entries of one question: comments have up to 10,000 characters. */
const entriesAtOnce = 200;

/** `touched`: a relation with the `id` of each such break. Gives a hash that changes with anything that persons do. */
export async function loadNotes(
  engine: Engine,
  breaks: Pick<BreakStore, 'getMany' | 'entries'>,
  ref: ReconciliationRef,
  touched: string,
): Promise<string> {
  await engine.run(
    `CREATE TABLE ${notesTable} (id BIGINT, assignee VARCHAR, submitted_by VARCHAR, reason_code VARCHAR)`,
  );
  await engine.run(
    `CREATE TABLE ${commentsTable} (id BIGINT, number BIGINT, said_at BIGINT, actor VARCHAR, action VARCHAR, comment VARCHAR)`,
  );
  const ids = (await engine.rows<{ id: string }>(`SELECT id FROM ${touched} ORDER BY id`)).map(({ id }) => id);
  const hash = createHash('sha256');
  for (const wave of chunksOf(ids, breaksAtOnce * questionsAtOnce)) {
    const answers = await Promise.all(chunksOf(wave, breaksAtOnce).map((some) => breaks.getMany(ref, some)));
    const items = answers.flat();
    for (const { breakId, version } of items) hash.update(`${breakId}:${version};`);
    await appendNotes(engine, items);
    const questions = questionsOf(items);
    for (const some of chunksOf(questions, questionsAtOnce)) {
      const entries = await Promise.all(some.map((ranges) => breaks.entries(ref, ranges)));
      await appendComments(engine, entries.flat());
    }
    // What a committed bulk adds is told by the break until somebody writes it.
    await appendComments(
      engine,
      items.flatMap(({ breakId, bulk }) => (bulk?.unwritten ? [{ breakId, ...bulk.unwritten }] : [])),
    );
  }
  return hash.digest('hex');
}

async function appendNotes(engine: Engine, items: Break[]): Promise<void> {
  const appender = await engine.connection.createAppender(notesTable);
  for (const { breakId, assignee, submittedBy, reasonCode } of items) {
    appender.appendBigInt(BigInt(breakId));
    for (const text of [assignee?.name, submittedBy, reasonCode])
      if (text === undefined) appender.appendNull();
      else appender.appendVarchar(text);
    appender.endRow();
  }
  appender.closeSync();
}

async function appendComments(engine: Engine, entries: (BreakEntry & { breakId: string })[]): Promise<void> {
  const appender = await engine.connection.createAppender(commentsTable);
  for (const { breakId, number, at, actorDn, action, comment } of entries) {
    if (comment === undefined) continue;
    appender.appendBigInt(BigInt(breakId));
    appender.appendBigInt(BigInt(number));
    appender.appendBigInt(BigInt(Date.parse(at)));
    for (const text of [actorDn, action, comment]) appender.appendVarchar(text);
    appender.endRow();
  }
  appender.closeSync();
}

/** Every entry of every break, in questions of bounded size. */
function questionsOf(items: Break[]): EntryRange[][] {
  const questions: EntryRange[][] = [];
  let room = 0;
  for (const { breakId, entries = 0 } of items)
    for (let from = 1; from <= entries; ) {
      if (room === 0) {
        questions.push([]);
        room = entriesAtOnce;
      }
      const to = Math.min(entries, from + room - 1);
      questions.at(-1)!.push({ breakId, from, to });
      room -= to - from + 1;
      from = to + 1;
    }
  return questions;
}

function chunksOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
