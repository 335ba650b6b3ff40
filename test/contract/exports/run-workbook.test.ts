// Workbooks of a run, made from what the real engine wrote and read back by another library.
import { afterEach, describe, expect, test } from 'vitest';
import type { ReportTemplate } from '../../../shared/domain/graph/report-template.ts';
import type { ReadCell, ReadSheet } from './read-workbook.ts';
import { keptGraph, now, storeWorkbook } from './stored-workbook.ts';

type Stored = Awaited<ReturnType<typeof storeWorkbook>>;
let stored: Stored | undefined;
const store = async (...given: Parameters<typeof storeWorkbook>): Promise<Stored> => {
  stored = await storeWorkbook(...given);
  return stored;
};
afterEach(() => {
  stored?.close();
  stored = undefined;
});

const header = (sheet: ReadSheet) => sheet.rows[0]!.map(({ value }) => value);
const column = (sheet: ReadSheet, title: string): ReadCell[] => {
  const at = header(sheet).indexOf(title);
  if (at === -1) throw new Error(`${sheet.title} has no column ${title}: ${header(sheet).join(', ')}`);
  return sheet.rows.slice(1).map((row) => row[at]!);
};
const values = (sheet: ReadSheet, title: string) => column(sheet, title).map(({ value }) => value);
const coloured = (cell: ReadCell) => cell.fill === 'FFFFC7CE';
const template = (sheets: ReportTemplate['sheets']): ReportTemplate => ({ name: 'Mine', active: true, sheets });

describe('excel-export: without a template', () => {
  test('excel-export: Summary, Breaks, Matched and Comments, each with a frozen bold header and a filter over its rows', async () => {
    const { sheets } = await (await store()).read();
    expect(sheets.map(({ title }) => title)).toEqual(['Summary', 'Breaks', 'Matched', 'Comments']);
    for (const sheet of sheets) {
      expect(sheet.frozen, sheet.title).toBe('A2');
      expect(
        sheet.rows[0]!.every(({ bold }) => bold),
        sheet.title,
      ).toBe(true);
      expect(sheet.filter, sheet.title).toMatch(new RegExp(`^A1:[A-Z]+${sheet.rows.length}$`));
    }
    const [, breaks, matched] = sheets;
    expect(header(breaks!)).toEqual([
      'Break id',
      'Break type',
      'Status',
      'Product',
      'Detected at',
      'Age (days)',
      'Trade ID (Custody feed)',
      'Trade ID (LEDGER)',
      'amount (Custody feed)',
      'amount (LEDGER)',
      'booked (Custody feed)',
      'booked (LEDGER)',
      'product (Custody feed)',
      'product (LEDGER)',
      'note (Custody feed)',
      'note (LEDGER)',
      'Differing fields',
      'Missing in',
      'Assignee',
      'Comments',
      'Last comment',
    ]);
    expect(values(matched!, 'Trade ID (Custody feed)')).toEqual(['T3']);
    expect(values(matched!, 'Matched by')).toEqual(['1-exact-key']);
  });

  test('excel-export: every break is there once, with its id, type, status and age', async () => {
    const { sheet } = await (await store()).read();
    const breaks = sheet('Breaks');
    expect(values(breaks, 'Break id')).toEqual([42_000_000_001, 42_000_000_002, 42_000_000_003, 42_000_000_004]);
    expect(values(breaks, 'Break type')).toEqual([
      'MISMATCH',
      'MISMATCH',
      'MISSING_IN_SOURCE_B',
      'MISSING_IN_SOURCE_A',
    ]);
    expect(values(breaks, 'Status')).toEqual(['OPEN', 'OPEN', 'OPEN', 'OPEN']);
    expect(values(breaks, 'Age (days)')).toEqual([1, 2, 3, 4]);
    expect(values(breaks, 'Product')).toEqual(['EQUITIES', 'EQUITIES', 'BONDS', 'BONDS']);
    expect(column(breaks, 'Detected at')[0]).toMatchObject({
      value: '2026-02-28T12:00:00',
      type: 'd',
      format: 'yyyy-mm-dd hh:mm:ss',
    });
    expect(values(breaks, 'Missing in')).toEqual([null, null, 'LEDGER', 'CUSTODY']);
  });

  test('excel-export: numbers are numbers up to 15 digits and exact text beyond, dates are dates, each as the hint says', async () => {
    const { sheet } = await (await store()).read();
    const [short, long, negative] = column(sheet('Breaks'), 'amount (Custody feed)');
    expect(short).toMatchObject({ value: 100_000, type: 'n', format: '#,##0.000' });
    expect(long).toMatchObject({ value: '12345678901234567.89', type: 's' });
    expect(negative).toMatchObject({ value: 7.5, type: 'n' });
    expect(values(sheet('Breaks'), 'amount (LEDGER)')[3]).toBe(-2.25);
    expect(column(sheet('Breaks'), 'booked (Custody feed)')[0]).toMatchObject({
      value: '2026-01-05T00:00:00',
      type: 'd',
      format: 'dd.mm.yyyy',
    });
    // Before March 1900 Excel's calendar is another.
    expect(column(sheet('Matched'), 'booked (Custody feed)')[0]).toMatchObject({ value: '1899-12-31', type: 's' });
  });

  test('excel-export: the values that differ are coloured on both sides, and no others', async () => {
    const { sheet } = await (await store()).read();
    const found = sheet('Breaks')
      .rows.slice(1)
      .map((row) => row.flatMap((cell, index) => (coloured(cell) ? [header(sheet('Breaks'))[index]] : [])));
    expect(found).toEqual([
      ['amount (Custody feed)', 'amount (LEDGER)'],
      ['booked (Custody feed)', 'booked (LEDGER)'],
      [],
      [],
    ]);
    expect(sheet('Matched').rows.flat().filter(coloured)).toEqual([]);
  });

  test('excel-export: text that looks like a formula is text', async () => {
    const { sheet, sheets } = await (await store()).read();
    expect(column(sheet('Breaks'), 'note (Custody feed)')[0]).toMatchObject({ value: '=1+1' });
    expect(sheets.flatMap(({ rows }) => rows.flat()).filter(({ type }) => type === 'f')).toEqual([]);
  });

  test('excel-export: the summary has the figures of the run, and they add up', async () => {
    const { sheet } = await (await store()).read();
    const rows = sheet('Summary').rows.map((row) => row.map(({ value }) => value));
    for (const row of [
      ['Reconciliation', 'Code', 'CUSTODY_GL'],
      ['Run', 'Id', 42_000_000_001],
      ['Run', 'Correlation id', 'OPS-1'],
      ['Workbook', 'Template', 'Default'],
      ['Workbook', 'Made', new Date(now).toISOString().slice(0, 19)],
      ['Result', 'Matched', 1],
      ['Result', 'Mismatched', 2],
      ['Result', 'Missing', 2],
      ['Result', 'Breaks', 4],
      ['Breaks by status', 'OPEN', 4],
      ['Breaks by type', 'MISMATCH', 2],
      ['Breaks by product', 'BONDS', 2],
      ['Open breaks by age', '1-3d', 3],
      ['Open breaks by age', '4-7d', 1],
      ['Records of Custody feed', 'Rows', 4],
      ['Records of LEDGER', 'Missing', 1],
      ['Sum of amount, LEDGER', 'Missing', -2.25],
    ])
      expect(rows).toContainEqual(row);
  });
});

describe('excel-export: what persons did', () => {
  test('excel-export: shows the status and comments of now beside the values of then', async () => {
    const run = await store();
    run.touch('2', { status: 'PENDING_APPROVAL', assignee: { dn: 'CN=x', name: 'Bob' }, submittedBy: 'CN=jane' }, [
      {
        at: '2026-02-28T13:00:00.000Z',
        actorDn: 'CN=jane,DC=corp',
        action: 'COMMENT',
        comment: '=HYPERLINK("http://x")',
      },
      {
        at: '2026-02-28T14:00:00.000Z',
        actorDn: 'CN=jane,DC=corp',
        action: 'STATUS',
        status: { from: 'OPEN', to: 'PENDING_APPROVAL' },
      },
      {
        at: '2026-02-28T15:00:00.000Z',
        actorDn: 'CN=bob,DC=corp',
        action: 'COMMENT',
        comment: 'line one\nline two\u0000',
      },
    ]);
    const { sheet } = await run.read();
    expect(values(sheet('Breaks'), 'Status')).toEqual(['OPEN', 'PENDING_APPROVAL', 'OPEN', 'OPEN']);
    expect(values(sheet('Breaks'), 'Assignee')).toEqual([null, 'Bob', null, null]);
    expect(values(sheet('Breaks'), 'Comments')).toEqual([0, 2, 0, 0]);
    // Excel shows the escape as the character; openpyxl shows it as it stands.
    const comments = sheet('Comments');
    expect(header(comments)).toEqual(['Break id', 'Break type', 'Status', 'Key', 'At', 'By', 'Action', 'Comment']);
    expect(comments.rows.slice(1).map((row) => row.map(({ value }) => value))).toEqual([
      [
        42_000_000_002,
        'MISMATCH',
        'PENDING_APPROVAL',
        'T2',
        '2026-02-28T13:00:00',
        'CN=jane,DC=corp',
        'COMMENT',
        '=HYPERLINK("http://x")',
      ],
      [
        42_000_000_002,
        'MISMATCH',
        'PENDING_APPROVAL',
        'T2',
        '2026-02-28T15:00:00',
        'CN=bob,DC=corp',
        'COMMENT',
        'line one\nline two_x0000_',
      ],
    ]);
    expect(column(comments, 'Comment')[0]!.type).not.toBe('f');
  });

  test('excel-export: what a later run no longer shows is closed, has no age and keeps its comments', async () => {
    const run = await store();
    run.touch('1', { status: 'CLOSED', goneRunNumber: 2 }, [
      { at: '2026-02-28T13:00:00.000Z', actorDn: 'CN=jane', action: 'COMMENT', comment: 'paid' },
    ]);
    await run.goes(['T1']);
    const { sheet } = await run.read();
    expect(values(sheet('Breaks'), 'Status')).toEqual(['CLOSED', 'OPEN', 'OPEN', 'OPEN']);
    expect(values(sheet('Breaks'), 'Age (days)')).toEqual([null, 2, 3, 4]);
    expect(values(sheet('Comments'), 'Comment')).toEqual(['paid']);
  });

  test('excel-export: the same workbook is given again until something that it shows has changed, or ten minutes have passed', async () => {
    const run = await store();
    const first = await run.workbooks.workbook(run.run);
    expect(await run.workbooks.workbook(run.run)).toEqual(first);
    run.touch('1', {}, [{ at: '2026-02-28T13:00:00.000Z', actorDn: 'CN=jane', action: 'COMMENT', comment: 'new' }]);
    const second = await run.workbooks.workbook(run.run);
    expect(second.key).not.toBe(first.key);
    run.touch('1', { version: 9 });
    const third = await run.workbooks.workbook(run.run);
    expect(third.key).not.toBe(second.key);
    await run.goes(['T5']);
    const fourth = await run.workbooks.workbook(run.run);
    expect(fourth.key).not.toBe(third.key);
    run.setGraph(keptGraph([template([{ title: 'Only', outcomes: ['MISSING'] }])]));
    const fifth = await run.workbooks.workbook(run.run);
    expect(fifth.key).not.toBe(fourth.key);
    run.clock.advance(11 * 60_000);
    expect((await run.workbooks.workbook(run.run)).key).not.toBe(fifth.key);
  });

  test('excel-export: one that took longer than a request waits is given to those who ask again, although a status has changed', async () => {
    const run = await store();
    const { upload } = run.objects;
    run.objects.upload = (...given) => {
      if (given[1].endsWith('.xlsx')) run.clock.advance(30_000);
      return upload(...given);
    };
    const first = await run.workbooks.workbook(run.run);
    run.touch('1', { status: 'PENDING_APPROVAL' });
    expect(await run.workbooks.workbook(run.run)).toEqual(first);
    run.clock.advance(61_000);
    expect((await run.workbooks.workbook(run.run)).key).not.toBe(first.key);
  });
});

describe('excel-export: by the active template', () => {
  test('excel-export: sheets, columns, order, titles, formats and filters are those of the template', async () => {
    const inactive: ReportTemplate = {
      ...template([{ title: 'No', outcomes: ['SUMMARY'] }]),
      name: 'Other',
      active: false,
    };
    const active = template([
      {
        title: 'Différences',
        outcomes: ['MISMATCHED', 'MATCHED'],
        autoFilter: false,
        columns: [
          {
            field: 'amount',
            side: 'SOURCE_B',
            order: 3,
            title: 'Ledger',
            formattingHint: '0.0',
            highlightDifferences: false,
          },
          { field: 'outcome', side: 'ITEM', order: 1 },
          { field: 'amount', side: 'DIFFERENCE', order: 4 },
          { field: 'tradeId', side: 'SOURCE_A', order: 2 },
          { field: 'booked', side: 'DIFFERENCE' },
        ],
      },
      {
        title: 'Missing bonds',
        outcomes: ['MISSING'],
        include: { products: ['BONDS'], breakTypes: ['MISSING_IN_SOURCE_A'] },
      },
    ]);
    const { sheets } = await (await store([inactive, active])).read();
    expect(sheets.map(({ title }) => title)).toEqual(['Différences', 'Missing bonds']);
    const [differences, missing] = sheets as [ReadSheet, ReadSheet];
    expect(differences.filter).toBeNull();
    expect(header(differences)).toEqual([
      'Outcome',
      'Trade ID (Custody feed)',
      'Ledger',
      'amount: difference',
      'booked: difference',
    ]);
    expect(differences.rows.slice(1).map((row) => row.map(({ value }) => value))).toEqual([
      ['MATCHED', 'T3', 5, null, null],
      ['MISMATCHED', 'T1', 95_000, -5_000, null],
      ['MISMATCHED', 'T2', '12345678901234567.89', null, 1],
    ]);
    expect(column(differences, 'Ledger')[1]).toMatchObject({ format: '0.0', fill: null });
    expect(column(differences, 'amount: difference')[1]).toMatchObject({ type: 'n', fill: 'FFFFC7CE' });
    expect(values(missing, 'Trade ID (LEDGER)')).toEqual(['T5']);
  });

  test('excel-export: a field that the run did not have is an empty column', async () => {
    const columns = [
      { field: 'later', side: 'SOURCE_A' },
      { field: 'tradeId', side: 'SOURCE_A' },
    ] as const;
    const run = await store([template([{ title: 'Breaks', outcomes: ['MISMATCHED'], columns: [...columns] }])]);
    const { sheet } = await run.read();
    expect(
      sheet('Breaks')
        .rows.slice(1)
        .map((row) => row.map(({ value }) => value)),
    ).toEqual([
      [null, 'T1'],
      [null, 'T2'],
    ]);
  });

  test('excel-export: titles that nobody checked become names that Excel takes', async () => {
    const long = 'A title of a sheet that is longer than 31 characters';
    const titles = ['a/b:[c]*?', "'quoted'", 'History', '', long, `${long}!`, 'A/B:[C]*?'];
    const { sheets } = await (
      await store([template(titles.map((title) => ({ title, outcomes: ['SUMMARY'] })))])
    ).read();
    const names = sheets.map(({ title }) => title);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(titles.length);
    for (const name of names) expect(name).toMatch(/^(?!')[^\\/?*[\]:]{1,31}(?<!')$/);
  });

  test('excel-export: a run without a ledger has no workbook', async () => {
    const run = await store();
    await expect(run.workbooks.workbook({ ...run.run, runId: 'run-2' })).rejects.toThrow('RESULTS_NOT_READY');
    await expect(run.workbooks.workbook({ ...run.run, runId: 'no-run' })).rejects.toThrow('NOT_FOUND');
  });
});
