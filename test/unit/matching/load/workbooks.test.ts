// Workbooks as other programs write them: what each kind of cell is read as, and what is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type WorkbookParts, workbookOf } from '../../../fixtures/zip.ts';
import { type Bench, definitionOf, type FieldOf, input, loadFailure, loadOk, openBench } from './loading.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const fields: FieldOf[] = [
  { name: 'k', role: 'KEY' },
  { name: 'v', type: 'text' },
];
const inline = (text: string) => `<is><t>${text}</t></is>`;
const header = `<row r="1"><c r="A1" t="inlineStr">${inline('k')}</c><c r="B1" t="inlineStr">${inline('v')}</c></row>`;
const key = `<c r="A2" t="inlineStr">${inline('1')}</c>`;
const styles =
  '<numFmts><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy;@"/><numFmt numFmtId="165" formatCode="&quot;Days&quot; 0.00 [Red]"/><numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts>' +
  '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>' +
  '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/><xf numFmtId="166"/></cellXfs>';

async function read(parts: WorkbookParts) {
  const path = bench.write('made.xlsx', workbookOf(parts));
  return loadOk(bench, path, definitionOf(fields));
}

describe('a cell', () => {
  const cases: [string, string, string | null, Partial<WorkbookParts>?][] = [
    ['a shared text', '<c r="B2" t="s"><v>1</v></c>', 'two', { strings: '<si><t>one</t></si><si><t>two</t></si>' }],
    [
      'a shared text of several runs, without how it is pronounced',
      '<c r="B2" t="s"><v>0</v></c>',
      'a bold c',
      { strings: '<si><r><t>a </t></r><r><rPr><b/></rPr><t>bold</t></r><r><t> c</t></r><rPh><t>no</t></rPh></si>' },
    ],
    ['an empty shared text', '<c r="B2" t="s"><v>0</v></c>', null, { strings: '<si><t/></si>' }],
    [
      'a text in place of several runs',
      '<c r="B2" t="inlineStr"><is><r><t>a </t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c>',
      'a b',
    ],
    [
      'a text with marks of XML',
      `<c r="B2" t="inlineStr">${inline('&lt;a&gt; &amp;amp; &#233;&#x20AC;')}</c>`,
      '<a> &amp; é€',
    ],
    ['a text as it stands', '<c r="B2" t="inlineStr"><is><t><![CDATA[<a> & b]]></t></is></c>', '<a> & b'],
    [
      'a text with what XML cannot hold',
      `<c r="B2" t="inlineStr">${inline('a_x000D_\nb_x005F_x000D_')}</c>`,
      'a\r\nb_x000D_',
    ],
    ['a number', '<c r="B2"><v>0.30000000000000004</v></c>', '0.3'],
    ['a large number', '<c r="B2" t="n"><v>1.5E+20</v></c>', '150000000000000000000'],
    ['a date', '<c r="B2" s="1"><v>45356</v></c>', '2024-03-05', { styles }],
    ['a date by a format of the workbook', '<c r="B2" s="2"><v>45356</v></c>', '2024-03-05', { styles }],
    ['a date and a time', '<c r="B2" s="4"><v>45356.5626736111</v></c>', '2024-03-05T13:30:15', { styles }],
    ['a date that a formula gives', '<c r="B2" s="1"><f>A1+1</f><v>45356</v></c>', '2024-03-05', { styles }],
    [
      'a date counted from 1904',
      '<c r="B2" s="1"><v>43894</v></c>',
      '2024-03-05',
      { styles, properties: '<workbookPr date1904="1"/>' },
    ],
    ['a date before the day that never was', '<c r="B2" s="1"><v>59</v></c>', '1900-02-28', { styles }],
    ['a number with letters of dates in its format', '<c r="B2" s="3"><v>45356</v></c>', '45356', { styles }],
    ['a number that is no date', '<c r="B2" s="1"><v>-3</v></c>', '-3', { styles }],
    ['an ISO date', '<c r="B2" t="d"><v>2024-03-05T00:00:00</v></c>', '2024-03-05'],
    ['a boolean', '<c r="B2" t="b"><v>1</v></c>', 'true'],
    ['an error', '<c r="B2" t="e"><v>#N/A</v></c>', '#N/A'],
    ['an error that a formula gives', '<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', '#DIV/0!'],
    ['a text that a formula gives', '<c r="B2" t="str"><f>"a"</f><v>a</v></c>', 'a'],
    ['no text that a formula gives', '<c r="B2" t="str"><f>""</f><v></v></c>', null],
    ['a formula that nothing has worked out', '<c r="B2"><f>1+1</f><v></v></c>', '=1+1'],
    ['a formula without a value', '<c r="B2"><f>1+1</f></c>', '=1+1'],
    ['nothing but a style', '<c r="B2" s="1"/>', null, { styles }],
  ];
  test.each(cases)('%s', async (_title, cell, value, more) => {
    const { records, rows } = await read({ rows: `${header}<row r="2">${key}${cell}</row>`, ...more });
    expect(records).toEqual([{ $row: 1, $key: '1', k: '1', v: value }]);
    expect(rows.rejected).toBe(0);
  });
});

describe('a workbook', () => {
  const rows = `${header}<row r="2">${key}<c r="B2"><v>7</v></c></row>`;
  const cases: [string, WorkbookParts][] = [
    ['without the names of places', { rows: rows.replace(/ r="\w+"/g, '') }],
    ['with prefixes', { rows, spelled: (xml) => xml.replace(/<(\/?)(\w)/g, '<$1x:$2') }],
    [
      'in UTF-16',
      { rows, spelled: (xml) => Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${xml}`, 'utf16le') },
    ],
    [
      'with other quotes, spaces and comments',
      { rows, spelled: (xml) => `<!-- <row> > -->${xml.replaceAll('"', "'").replaceAll('/>', ' />')}` },
    ],
    ['with sizes of 8 bytes', { rows, wide: true }],
    ['with marks within quotes', { rows: rows.replace('<row r="2">', '<row r="2" x="a>b">') }],
  ];
  test.each(cases)('%s', async (_title, parts) => {
    expect((await read(parts)).records).toEqual([{ $row: 1, $key: '1', k: '1', v: '7' }]);
  });

  test('has lines before and after its rows, rows that are wider, and rows that are too long', async () => {
    const line = (...cells: string[]) =>
      `<row>${cells.map((cell) => `<c t="inlineStr">${inline(cell)}</c>`).join('')}</row>`;
    const long = 'x'.repeat(2_100_000);
    const sheet = [
      line('Statement'),
      '<row><c t="inlineStr"/></row>',
      line('k', 'v'),
      line('1', 'a'),
      line('2', 'b', 'c'),
      line('3', long),
      line('4', 'd'),
      line('4 rows'),
    ].join('');
    const definition = definitionOf(fields, {
      ...input({ preambleLines: 2, footerLines: 1 }),
      controlTotals: [{ of: 'rows', equals: { line: 'footer', pattern: '^(\\d) rows' } }],
    });
    const { records, rejects } = await loadOk(bench, bench.write('made.xlsx', workbookOf({ rows: sheet })), definition);
    expect(records.map(({ k }) => k)).toEqual(['1', '4']);
    expect(rejects.map(({ line: at, reason }) => [at, reason.split(':')[0]])).toEqual([
      [5, 'too-many-cells'],
      [6, 'cell-too-long'],
    ]);
  });

  test.each([
    ['no sheet', { rows, spelled: (xml: string) => xml.replace(/<sheet .*\/>/, '') }, /no sheet/],
    ['a text that is not there', { rows: rows.replace('<c r="B2">', '<c r="B2" t="s">') }, /no text of the number 7/],
    ['a cell beyond the last column', { rows: rows.replace('r="B2"', 'r="XFE2"') }, /XFE2/],
    ['entities of its own', { rows, spelled: (xml: string) => `<!DOCTYPE a [<!ENTITY b "c">]>${xml}` }, /declares/],
    ['a tag without an end', { rows: `<row x="${' '.repeat(1 << 21)}` }, /no end/],
  ])('with %s is refused', async (_title, parts, detail) => {
    const path = bench.write('made.xlsx', workbookOf(parts));
    const failure = await loadFailure(bench, path, definitionOf(fields));
    expect(failure.code).toMatch(/^(FILE_UNREADABLE|SHEET_REQUIRED)$/);
    expect(failure.detail).toMatch(detail);
  });

  test('that is damaged is refused', async () => {
    const bytes = workbookOf({ rows });
    for (const at of [60, 200, 500, 800]) {
      const damaged = Buffer.from(bytes);
      damaged.fill(0xff, at, at + 20);
      const failure = await loadFailure(bench, bench.write('made.xlsx', damaged), definitionOf(fields));
      expect(failure.code).toMatch(/^FILE_/);
    }
  });
});
