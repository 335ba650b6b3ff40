// One suite for both engines of the pipeline: the real one, and the twin in plain JavaScript that simulations use.
// What a simulation proves of the twin holds for the real engine as far as this suite holds for both.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BreakChange, Carry } from '../../shared/app/pipeline-engine.ts';
import { rowReference, splitRowReference } from '../../shared/domain/outcome.ts';
import {
  changesOf,
  compare,
  definition,
  directory,
  engines,
  fetchInto,
  files,
  later,
  load,
  match,
  matchFiles,
  sorted,
  told,
  twoRuns,
} from './engine-calls.ts';

test('both engines load, match and carry the same', async () => {
  const answers = [];
  for (const [, engine] of engines) {
    const bank = await load(engine, 'bank', files.bank, 7);
    const carry: Carry = { what: 'open', sources: ['bank', 'ledger'] };
    const matched = await matchFiles(engine, files, { carry });
    const carried = matched.carried.map(({ source, rows, sums }) => ({ source, rows, sums: plain(sums) }));
    answers.push({ rows: bank.rows, sums: plain(bank.sums), summary: plainSummary(matched.summary), carried });
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[0]!.rows).toEqual({ read: 7, records: 6, rejected: 1, excluded: 0 });
});

test('both engines see the same changes against a ledger', async () => {
  for (const closed of [false, true]) {
    const answers = [];
    for (const [, engine] of engines) {
      const { before, after } = await twoRuns(engine, closed);
      const opened = await changesOf(engine, before);
      answers.push({ first: sorted(opened.map(told)), second: sorted((await changesOf(engine, after)).map(told)) });
    }
    expect(answers[1]).toEqual(answers[0]);
  }
});

test('both engines pick, find and go by decisions the same', async () => {
  const answers = [];
  for (const [, engine] of engines) {
    const bank = (await load(engine, 'bank', files.bank, 1)).recordsPath;
    const ledger = (await load(engine, 'ledger', files.ledger, 2)).recordsPath;
    const own = directory();
    const [left, right] = [fetchInto(own, bank), fetchInto(own, ledger)];
    const at = (batch: number, ...rows: number[]) => rows.map((row) => rowReference(batch, row));
    const pick = (rows: number[], notIn: string[], name: string) => {
      const records = { source: 'bank', paths: [left] };
      const path = join(own, name);
      return engine.pick({ directory: own, path, definition, records, side: 'left', rows, undone: [], notIn });
    };
    const first = await pick(at(1, 2), [], 'first');
    const second = await pick(at(1, 2, 3, 99), [first.path], 'second');
    const present = await engine.present({ directory: own, paths: [left], rows: at(1, 1, 6, 7, 99) });
    const records = [
      { source: 'bank', paths: [left] },
      { source: 'ledger', paths: [right] },
    ];
    const decisions = { together: [{ id: 'd', source: 'ledger', left: at(1, 6), right: at(2, 2, 5) }] };
    const carry: Carry = { what: 'open', sources: ['bank', 'ledger'] };
    const matched = await engine.match({ directory: own, definition, records, decisions, carry });
    if (!matched.ok) throw new Error(matched.detail);
    const { sides, breaks, passes } = matched.value.summary;
    answers.push({
      picked: [first, second].map(({ rows, sums }) => ({ rows, sums: plain(sums) })),
      present: present.sort(),
      counts: sides.map(({ counts }) => counts),
      breaks,
      passes: passes.map(({ name, groups }) => ({ name, groups })).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      carried: matched.value.carried.map(({ rows, sums }) => ({ rows, sums: plain(sums) })),
    });
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[0]!.picked.map(({ rows }) => rows)).toEqual([1, 1]);
  expect(answers[0]!.present).toHaveLength(2);
});

/** A sum of nothing and no sum are one. */
function plain(sums: Record<string, Record<string, string>>): Record<string, string> {
  const all = Object.entries(sums).flatMap(([field, by]) =>
    Object.entries(by).map(([currency, sum]) => [`${field} ${currency}`, Number(sum).toFixed(2)] as const),
  );
  return Object.fromEntries(all.filter(([, sum]) => sum !== '0.00').sort());
}

function plainSummary(summary: Awaited<ReturnType<typeof matchFiles>>['summary']): unknown {
  const sides = summary.sides.map(({ source, counts, sums }) => ({
    source,
    counts,
    sums: Object.fromEntries(Object.entries(sums).map(([outcome, of]) => [outcome, plain(of)])),
  }));
  return { sides, pairs: summary.pairs, breaks: summary.breaks };
}

describe.each(engines)('the %s engine', (_name, engine) => {
  test('gives records the reference of their batch', async () => {
    const { recordsPath } = await load(engine, 'bank', files.bank, 41);
    const other = await load(engine, 'ledger', 'zz,1.00,EUR,\n', 42);
    const matched = await match(
      engine,
      { bank: [recordsPath], ledger: [other.recordsPath] },
      { what: 'nothing', sources: [] },
    );
    const compared = await compare(engine, matched.breaksPath, undefined, 1);
    const rows = (await changesOf(engine, compared)).flatMap((change) =>
      change.kind === 'opened' ? [change.observed.leftRow ?? change.observed.rightRow!] : [],
    );
    expect(new Set(rows.map((row) => splitRowReference(row).batchNumber))).toEqual(new Set([41, 42]));
  });

  test('opens, changes and misses breaks; a closed break that changes is followed by a linked one', async () => {
    const open = await twoRuns(engine, false);
    const kinds = (await changesOf(engine, open.after)).map(({ kind }) => kind);
    expect(kinds).toEqual(['opened', 'changed', 'gone', 'gone']);
    const followed = await changesOf(engine, (await twoRuns(engine, true)).after);
    const linked = followed.filter((change) => change.kind === 'opened' && change.previousBreakId !== undefined);
    expect(linked).toHaveLength(1);
    expect(followed.map(({ kind }) => kind)).toEqual(['opened', 'opened', 'gone', 'gone']);
  });

  test('numbers new breaks on from what was opened before, each repeat the same; those that are known keep theirs', async () => {
    const numbers = async (compared: Awaited<ReturnType<typeof compare>>, kind: BreakChange['kind']) =>
      (await changesOf(engine, compared)).filter((change) => change.kind === kind).map(({ breakId }) => breakId);
    const { breaksPath } = await matchFiles(engine, files);
    const before = await compare(engine, breaksPath, undefined, 1, { breaksOpened: 7, breakItemsMax: 3 });
    expect(await numbers(before, 'opened')).toEqual(['8', '9', '10']);
    expect(before.opened).toBe(5);
    const again = await compare(engine, breaksPath, undefined, 1, { breaksOpened: 7, breakItemsMax: 3 });
    expect(await changesOf(engine, again)).toEqual(await changesOf(engine, before));
    const changed = (await matchFiles(engine, later, { firstBatch: 3 })).breaksPath;
    const after = await compare(engine, changed, before.ledgerPath, 2, { breaksOpened: 12 });
    expect(await numbers(after, 'opened')).toEqual(['13']);
    const known = [...(await numbers(after, 'changed')), ...(await numbers(after, 'gone'))].map(Number);
    expect(known.every((number) => number > 7 && number <= 12)).toBe(true);
    const unchanged = await compare(engine, changed, after.ledgerPath, 3, { breaksOpened: 13 });
    expect(unchanged).toMatchObject({ changes: 0, opened: 0 });
  });

  test('a break that recurs after it was gone is a new one; one that stays is not mentioned', async () => {
    const { after } = await twoRuns(engine, false);
    const again = await matchFiles(engine, files, { firstBatch: 5 });
    const third = await compare(engine, again.breaksPath, after.ledgerPath, 3);
    const changes = await changesOf(engine, third);
    const recurred = changes.filter((change) => change.kind === 'opened' && change.previousBreakId !== undefined);
    expect(recurred).toHaveLength(2);
    expect((await compare(engine, again.breaksPath, third.ledgerPath, 4)).changes).toBe(0);
  });

  test('of several records of a key each keeps its break, also where another has matched and is carried no more', async () => {
    const carry: Carry = { what: 'open', sources: ['bank', 'ledger'] };
    const carriedOf = (matched: Awaited<ReturnType<typeof match>>, source: string) =>
      matched.carried.filter((one) => one.source === source).map(({ path }) => path);
    const first = await matchFiles(engine, { bank: 'k,1.00,,\nk,2.00,,\nk,3.00,,\n', ledger: 'x,9.00,,\n' }, { carry });
    const one = await compare(engine, first.breaksPath, undefined, 1);
    const idOf = async (compared: typeof one, amount: string, kind: BreakChange['kind']) => {
      const found = (await changesOf(engine, compared)).filter(
        (change) =>
          change.kind === kind && change.kind !== 'gone' && Number(change.observed.left?.amount) === Number(amount),
      );
      return found.map(({ breakId }) => breakId);
    };
    const ids = [await idOf(one, '1', 'opened'), await idOf(one, '2', 'opened'), await idOf(one, '3', 'opened')].flat();
    expect(new Set(ids).size).toBe(3);
    // The first of the three matches: what happens to it is said, and of the other two that they are duplicates.
    const late = await load(engine, 'ledger', 'k,1.00,,\n', 3);
    const paths = { bank: carriedOf(first, 'bank'), ledger: [...carriedOf(first, 'ledger'), late.recordsPath] };
    const second = await match(engine, paths, carry);
    const two = await compare(engine, second.breaksPath, one.ledgerPath, 2);
    expect((await changesOf(engine, two)).map(({ kind, breakId }) => [kind, breakId])).toEqual([
      ['changed', ids[1]],
      ['changed', ids[2]],
      ['gone', ids[0]],
    ]);
    // Of their key they are the first and the second now, and missing again.
    const carriedOn = { bank: carriedOf(second, 'bank'), ledger: carriedOf(second, 'ledger') };
    const third = await match(engine, carriedOn, carry);
    const three = await compare(engine, third.breaksPath, two.ledgerPath, 3);
    expect((await changesOf(engine, three)).map(({ kind, breakId }) => [kind, breakId])).toEqual([
      ['changed', ids[1]],
      ['changed', ids[2]],
    ]);
    // One that is new and comes before them makes them the second and the third once more, and takes the place of neither.
    const fresh = await load(engine, 'bank', 'k,1.50,,\n', 4);
    const fourth = await match(engine, { ...carriedOn, bank: [...carriedOn.bank, fresh.recordsPath] }, carry);
    const four = await compare(engine, fourth.breaksPath, three.ledgerPath, 4);
    expect((await changesOf(engine, four)).map(({ kind }) => kind)).toEqual(['opened']);
    expect(ids).not.toContain((await idOf(four, '1.5', 'opened'))[0]);
    // And where they are first again, one that comes between them does not either.
    const between = await load(engine, 'bank', 'k,2.50,,\n', 5);
    const fifth = await match(engine, { ...carriedOn, bank: [...carriedOn.bank, between.recordsPath] }, carry);
    const five = await compare(engine, fifth.breaksPath, three.ledgerPath, 4);
    expect((await changesOf(engine, five)).map(({ kind }) => kind)).toEqual(['opened']);
    expect(ids).not.toContain((await idOf(five, '2.5', 'opened'))[0]);
    expect((await compare(engine, fifth.breaksPath, five.ledgerPath, 5)).changes).toBe(0);
  });

  test('breaks past the limit open no item and are in the ledger all the same', async () => {
    const { breaksPath } = await matchFiles(engine, files);
    const few = await compare(engine, breaksPath, undefined, 1, { breakItemsMax: 2 });
    expect(few.changes).toBe(2);
    expect((await compare(engine, breaksPath, few.ledgerPath, 2, { breakItemsMax: 2 })).changes).toBe(0);
  });

  test('a break that follows another is written however many are new', async () => {
    const { after } = await twoRuns(engine, false);
    const again = await matchFiles(engine, files, { firstBatch: 5 });
    const third = await compare(engine, again.breaksPath, after.ledgerPath, 3, { breakItemsMax: 0 });
    const opened = (await changesOf(engine, third)).filter((change) => change.kind === 'opened');
    expect(opened.map((change) => change.kind === 'opened' && change.previousBreakId !== undefined)).toEqual([
      true,
      true,
    ]);
  });

  test('chunks by key and one chunk add up to the same', async () => {
    const whole = await matchFiles(engine, files);
    const paths: Record<string, string[]> = {};
    for (const [index, source] of (['bank', 'ledger'] as const).entries()) {
      const { recordsPath } = await load(engine, source, files[source], index + 1);
      const own = directory();
      const records = { source, paths: [fetchInto(own, recordsPath)] };
      paths[source] = await engine.partition({ directory: own, definition, records, chunks: 3 });
    }
    let rows = 0;
    const breaks = { MISMATCH: 0, MISSING: 0, DUPLICATE: 0, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 0 };
    for (const chunk of [0, 1, 2]) {
      const of = { bank: [paths.bank![chunk]!], ledger: [paths.ledger![chunk]!] };
      const { summary } = await match(engine, of, { what: 'nothing', sources: [] });
      rows += summary.sides[0]!.counts.rows;
      for (const type of ['MISMATCH', 'MISSING', 'DUPLICATE', 'AMBIGUOUS'] as const)
        breaks[type] += summary.breaks[type];
    }
    expect(rows).toBe(whole.summary.sides[0]!.counts.rows);
    expect(breaks).toEqual(whole.summary.breaks);
  });
});
