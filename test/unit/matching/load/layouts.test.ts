// The traits of real exports of banks and payment services: own fixtures always, the real files where they are at hand.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Definition, Mapping, Reading } from '../../../../shared/domain/definition.ts';
import { openEngine } from '../../../../shared/matching/engine.ts';
import { inspectFile } from '../../../../shared/matching/input/inspect-file.ts';
import { type Bench, definitionOf, load, openBench } from './loading.ts';

const own = resolve(import.meta.dirname, '../../../fixtures/input');
const real = resolve(import.meta.dirname, '../../../../../shared/data/bank-csv');

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
  bench.engine.close();
  bench.engine = await openEngine({
    directory: join(bench.directory, 'scratch'),
    allowed: [own, real],
    memoryMb: 512,
    threads: 2,
  });
});
afterAll(() => bench.close());

type Layout = {
  file: string;
  key: Mapping;
  date: Mapping;
  dateReading?: Reading;
  amount: Mapping;
  /** Of the first row. */
  first: [string, string];
  sum: string;
  rows: number;
};

async function check(folder: string, { file, key, date, dateReading, amount, first, sum, rows }: Layout) {
  const definition: Definition = definitionOf([
    { name: 'key', role: 'KEY', from: key },
    { name: 'date', from: date, ...(dateReading && { reading: { S: dateReading } }) },
    { name: 'amount', from: amount },
  ]);
  const found = await load(bench, join(folder, file), definition);
  if ('ok' in found) throw new Error(`${found.code}: ${found.detail}`);
  expect(found.rows).toEqual({ read: rows, records: rows, rejected: 0, excluded: 0 });
  expect(found.types.date).toMatch(/^(DATE|TIMESTAMP)$/);
  expect(found.types.amount).toMatch(/^DECIMAL\(18,/);
  expect([found.records[0]!.date, found.records[0]!.amount]).toEqual(first);
  expect(found.sums.amount).toEqual({ '': sum });
}

describe('own fixtures', () => {
  const layouts: Layout[] = [
    {
      file: 'latin1-comma.csv',
      key: 'Empfänger',
      date: 'Buchungstag',
      amount: 'Betrag',
      first: ['2017-11-10', '-98.76'],
      sum: '1901.24',
      rows: 2,
    },
    {
      file: 'latin1-comma.csv',
      key: 'Währung',
      date: 'Buchungstag',
      amount: 'Saldo',
      first: ['2017-11-10', '1234.56'],
      sum: '4469.12',
      rows: 2,
    },
    {
      file: 'apostrophe-debit-credit.csv',
      key: 'Produit',
      date: 'Date de valeur',
      amount: { debit: 'Débit', credit: 'Crédit' },
      first: ['2019-03-31', '-10.00'],
      sum: '1230.00',
      rows: 2,
    },
    {
      file: 'apostrophe-debit-credit.csv',
      key: 'Produit',
      date: 'Date de valeur',
      amount: 'Solde',
      first: ['2019-03-31', '11373.94'],
      sum: '23987.88',
      rows: 2,
    },
    {
      file: 'bare-cr.csv',
      key: 'Journal',
      date: 'Date',
      amount: 'Net',
      first: ['2015-01-23', '-36000'],
      sum: '209000',
      rows: 3,
    },
    {
      file: 'dollar.csv',
      key: 'Status',
      date: 'Date',
      amount: 'Balance',
      first: ['2022-08-17', '878.47'],
      sum: '1914.94',
      rows: 2,
    },
    {
      file: 'dollar.csv',
      key: 'Status',
      date: 'Date',
      amount: { debit: 'Withdrawal', credit: 'Deposit' },
      first: ['2022-08-17', '20.00'],
      sum: '-37.27',
      rows: 2,
    },
    {
      file: 'thousands.csv',
      key: 'Kind',
      date: 'Date',
      amount: 'Amount',
      first: ['2015-06-12', '1000.00'],
      sum: '3500.50',
      rows: 2,
    },
    {
      file: 'short-year.csv',
      key: '#',
      date: 'Date',
      amount: 'Amount',
      first: ['2019-02-20', '100.00'],
      sum: '36.11',
      rows: 2,
    },
    {
      file: 'iso.csv',
      key: 'Type',
      date: 'Booking Date',
      amount: 'Amount (EUR)',
      first: ['2020-03-07', '328.00'],
      sum: '0.00',
      rows: 2,
    },
    {
      file: 'minutes.csv',
      key: 'id',
      date: 'created',
      amount: 'amount',
      first: ['2021-02-03 13:12:00', '25.00'],
      sum: '52.50',
      rows: 2,
    },
    {
      file: 'day-first.csv',
      key: 'desc',
      date: 'date',
      amount: 'amount',
      first: ['2022-04-08', '2.69'],
      sum: '-997.31',
      rows: 2,
    },
    {
      file: 'separate-time.csv',
      key: 'Transaction ID',
      date: { concatenate: ['Transaction Date', 'Transaction Time'], separator: ' ' },
      dateReading: { dateFormat: '%d/%m/%Y %H:%M:%S' },
      amount: { debit: 'Debit Amount', credit: 'Credit Amount' },
      first: ['2021-03-05 12:31:46', '-100'],
      sum: '20',
      rows: 2,
    },
  ];
  test.each(layouts)('$file, $amount', (layout) => check(own, layout));

  test('an ambiguous date names both readings', async () => {
    const definition = definitionOf([
      { name: 'key', role: 'KEY', from: 'Transaction ID' },
      { name: 'date', from: 'Transaction Date' },
    ]);
    const found = await load(bench, join(own, 'separate-time.csv'), definition);
    expect(found).toMatchObject({
      code: 'READING_AMBIGUOUS',
      fields: { readings: ['%d/%m/%Y', '%m/%d/%Y'], examples: ['05/03/2021'] },
    });
  });

  test.each([
    { file: 'latin1-comma.csv', encoding: 'windows-1252', delimiter: ';', columns: 7, rows: 2 },
    { file: 'bare-cr.csv', encoding: 'utf-8', delimiter: ',', columns: 4, rows: 3 },
    { file: 'apostrophe-debit-credit.csv', encoding: 'utf-8', delimiter: ';', columns: 7, rows: 2 },
  ])('$file is inspected', async ({ file, encoding, delimiter, columns, rows }) => {
    const found = await inspectFile(join(own, file));
    if (!found.ok) throw new Error(found.detail);
    expect(found.value).toMatchObject({
      format: 'csv',
      compression: 'none',
      encoding,
      delimiter,
      header: true,
      preambleLines: 0,
    });
    expect([found.value.columns.length, found.value.rows.length]).toEqual([columns, rows]);
  });
});

describe.skipIf(!existsSync(real))('real exports (needs shared data)', () => {
  const layouts: Layout[] = [
    {
      file: 'gls.csv',
      key: 'Kontonummer',
      date: 'Buchungstag',
      amount: 'Betrag',
      first: ['2017-10-10', '-98.76'],
      sum: '-98.76',
      rows: 1,
    },
    {
      file: 'ingesp.csv',
      key: 'desc',
      date: 'date',
      amount: 'amount',
      first: ['2022-03-24', '2.83'],
      sum: '350.21',
      rows: 10,
    },
    {
      file: 'mint.csv',
      key: 'Category',
      date: 'Date',
      amount: 'Amount',
      first: ['2015-06-12', '1000.00'],
      sum: '7000.00',
      rows: 4,
    },
    {
      file: 'n26-fr.csv',
      key: 'Type',
      date: 'Booking Date',
      amount: 'Amount (EUR)',
      first: ['2020-03-07', '328.00'],
      sum: '0.00',
      rows: 2,
    },
    {
      file: 'outbank.csv',
      key: '#',
      date: 'Date',
      amount: 'Amount',
      first: ['2019-02-20', '100.00'],
      sum: '-35.89',
      rows: 4,
    },
    {
      file: 'payoneer.csv',
      key: 'Transaction ID',
      date: 'Transaction Date',
      dateReading: { dateFormat: '%m/%d/%Y' },
      amount: { debit: 'Debit Amount', credit: 'Credit Amount' },
      first: ['2021-05-03', '-100'],
      sum: '20',
      rows: 2,
    },
    {
      file: 'schwab-checking.csv',
      key: 'Type',
      date: 'Date',
      amount: { debit: 'Withdrawal', credit: 'Deposit' },
      first: ['2022-08-17', '20.00'],
      sum: '-215.27',
      rows: 4,
    },
    {
      file: 'stripe-all.csv',
      key: 'id',
      date: 'created',
      amount: 'amount',
      first: ['2021-02-03 13:12:00', '25.00'],
      sum: '112.50',
      rows: 5,
    },
    {
      file: 'stripe-default.csv',
      key: 'id',
      date: 'created',
      amount: 'fee',
      first: ['2021-02-03 13:12:00', '1.03'],
      sum: '4.78',
      rows: 5,
    },
    {
      file: 'ubs-ch-fr_trimmed.csv',
      key: 'N° de transaction',
      date: 'Date de valeur',
      amount: { debit: 'Débit', credit: 'Crédit' },
      first: ['2019-03-31', '-10.00'],
      sum: '30.00',
      rows: 3,
    },
    {
      file: 'xero.csv',
      key: 'JournalNumber',
      date: 'JournalDate',
      amount: 'NetAmount',
      first: ['2015-01-23', '-36000'],
      sum: '0',
      rows: 13,
    },
  ];
  test.each(layouts)('$file', (layout) => check(real, layout));
});
