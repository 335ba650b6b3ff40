// Written values and how they are read: one row per case of type, reading and reject.
import type { FieldType, Reading } from '../../../../shared/domain/definition.ts';

export type WrittenCase = {
  title: string;
  values: string[];
  type?: FieldType;
  reading?: Reading;
  sqlType?: string;
  /** A value as it is read, or the code of its reject. */
  reads: (string | boolean | null | { rejected: string })[];
};

export const numberCases: WrittenCase[] = [
  {
    title: 'plain decimals',
    values: ['25.00', '-1.50', '0.00'],
    sqlType: 'DECIMAL(18,2)',
    reads: ['25.00', '-1.50', '0.00'],
  },
  {
    title: 'decimals of any scale',
    values: ['25', '1.5', '-0.125'],
    sqlType: 'DECIMAL(18,3)',
    reads: ['25.000', '1.500', '-0.125'],
  },
  {
    title: 'no rounding of what comes late',
    values: ['1.23', '1.239'],
    sqlType: 'DECIMAL(18,3)',
    reads: ['1.230', '1.239'],
  },
  { title: 'decimal comma', values: ['1.234,56', '-98,76'], sqlType: 'DECIMAL(18,2)', reads: ['1234.56', '-98.76'] },
  {
    title: 'apostrophe groups',
    values: ["11'373.94", '10.00'],
    sqlType: 'DECIMAL(18,2)',
    reads: ['11373.94', '10.00'],
  },
  {
    title: 'blank groups',
    values: ['1 234,56', '1\u00a0234\u00a0567,00', '1\u202f000,10'],
    reads: ['1234.56', '1234567.00', '1000.10'],
  },
  { title: 'dollar amounts', values: ['$1,036.47', '-$20.00', '$5'], reads: ['1036.47', '-20.00', '5.00'] },
  {
    title: 'signs of every kind',
    values: ['(12.50)', '3.00-', '+4.25', '\u22121.00'],
    reads: ['-12.50', '-3.00', '4.25', '-1.00'],
  },
  {
    title: 'bare fractions and points',
    values: ['.5', '12.', '0.25'],
    type: 'decimal',
    reads: ['0.50', '12.00', '0.25'],
  },
  { title: 'white space around', values: [' 1.50', '2.25 ', '\u00a03.00'], reads: ['1.50', '2.25', '3.00'] },
  {
    title: 'two currencies are not amounts',
    values: ['$5.00', '€5.00'],
    sqlType: 'VARCHAR',
    reads: ['$5.00', '€5.00'],
  },
  {
    title: 'group misplaced',
    values: ['1,234.50', '12,34.50', '5.00'],
    type: 'decimal',
    reads: ['1234.50', { rejected: 'not-a-number' }, '5.00'],
  },
  { title: 'leading zeros are names', values: ['007', '012'], sqlType: 'VARCHAR', reads: ['007', '012'] },
  {
    title: '19 digits are a name',
    values: ['1234567890123456789', '2'],
    sqlType: 'VARCHAR',
    reads: ['1234567890123456789', '2'],
  },
  {
    title: '17 digits are narrow',
    values: ['999999999999999.99'],
    sqlType: 'DECIMAL(18,2)',
    reads: ['999999999999999.99'],
  },
  {
    title: '18 digits are wide',
    values: ['9999999999999999.99', '1.00'],
    sqlType: 'DECIMAL(38,2)',
    reads: ['9999999999999999.99', '1.00'],
  },
  {
    title: '38 digits are exact',
    values: ['123456789012345678901234567890123456.78', '-0.01'],
    type: 'decimal',
    sqlType: 'DECIMAL(38,2)',
    reads: ['123456789012345678901234567890123456.78', '-0.01'],
  },
  {
    title: '39 digits are too large',
    values: ['1', '9'.repeat(39)],
    type: 'decimal',
    reads: ['1', { rejected: 'number-too-large' }],
  },
  { title: '1e400', values: ['1.00', '1e400'], type: 'decimal', reads: ['1.00', { rejected: 'number-too-large' }] },
  {
    title: 'exponents',
    values: ['1.00', '1e3', '1e-9'],
    type: 'decimal',
    reads: ['1.00', { rejected: 'not-a-number' }, { rejected: 'not-a-number' }],
  },
  {
    title: 'what is no number',
    values: ['1.00', 'NaN', 'Infinity', '-inf', '1_000', '0x10', '--5', '1.2.3', 'abc', '$'],
    type: 'decimal',
    reads: ['1.00', ...Array.from({ length: 9 }, () => ({ rejected: 'not-a-number' }))],
  },
  {
    title: 'underscore groups when told',
    values: ['1_000', '2'],
    type: 'decimal',
    reading: { groupMark: '_' },
    reads: ['1000', '2'],
  },
  {
    title: 'a mark that is told',
    values: ['1,234', '5,678'],
    reading: { decimalMark: ',' },
    reads: ['1.234', '5.678'],
  },
  {
    title: 'the other mark that is told',
    values: ['1,234', '5,678'],
    reading: { decimalMark: '.' },
    reads: ['1234', '5678'],
  },
  { title: 'one value settles the mark', values: ['1,234', '5,67'], reads: ['1.234', '5.670'] },
  { title: 'a zero in front settles the mark', values: ['1.234', '0.500'], reads: ['1.234', '0.500'] },
  {
    title: 'integers',
    values: ['1', '-20', '3.00'],
    type: 'integer',
    sqlType: 'DECIMAL(18,0)',
    reads: ['1', '-20', '3'],
  },
  { title: 'no integer', values: ['1', '2.5'], type: 'integer', reads: ['1', { rejected: 'not-an-integer' }] },
  { title: 'integers grouped', values: ['1,234', '5,678'], type: 'integer', reads: ['1234', '5678'] },
  {
    title: 'one in a hundred may be junk',
    values: [...Array.from({ length: 199 }, (_, index) => `${index}.5`), 'n/a'],
    reads: [...Array.from({ length: 199 }, (_, index) => `${index}.5`), { rejected: 'not-a-number' }],
  },
  {
    title: 'more junk makes it text',
    values: ['1.50', '2.50', 'n/a'],
    sqlType: 'VARCHAR',
    reads: ['1.50', '2.50', 'n/a'],
  },
];

export const otherCases: WrittenCase[] = [
  { title: 'ISO dates', values: ['2026-01-05', '2024-02-29'], sqlType: 'DATE', reads: ['2026-01-05', '2024-02-29'] },
  { title: 'German dates', values: ['31.03.2019', '1.2.2019'], sqlType: 'DATE', reads: ['2019-03-31', '2019-02-01'] },
  {
    title: 'American dates of two digits',
    values: ['2/20/19', '2/8/19'],
    sqlType: 'DATE',
    reads: ['2019-02-20', '2019-02-08'],
  },
  {
    title: 'day first, decided by one value',
    values: ['05/03/2022', '24/03/2022'],
    sqlType: 'DATE',
    reads: ['2022-03-05', '2022-03-24'],
  },
  {
    title: 'names of months',
    values: ['23-Jan-15', '14-Feb-15'],
    sqlType: 'DATE',
    reads: ['2015-01-23', '2015-02-14'],
  },
  {
    title: 'long names of months',
    values: ['January 5, 2020', 'March 31, 2020'],
    sqlType: 'DATE',
    reads: ['2020-01-05', '2020-03-31'],
  },
  {
    title: 'day and month always equal',
    values: ['02/02/2020', '03/03/2020'],
    sqlType: 'DATE',
    reads: ['2020-02-02', '2020-03-03'],
  },
  {
    title: 'a format that is told',
    values: ['02/01/2020'],
    reading: { dateFormat: '%d/%m/%Y' },
    sqlType: 'DATE',
    reads: ['2020-01-02'],
  },
  { title: 'compact dates when told to be dates', values: ['20200131'], type: 'date', reads: ['2020-01-31'] },
  {
    title: '30 February',
    values: ['2024-02-28', '2024-02-30'],
    type: 'date',
    reads: ['2024-02-28', { rejected: 'not-a-date' }],
  },
  {
    title: '30 February in another form',
    values: ['28.02.2024', '30.02.2024'],
    type: 'date',
    reads: ['2024-02-28', { rejected: 'not-a-date' }],
  },
  {
    title: 'what casts take for dates',
    values: ['2024-02-28', 'infinity', 'epoch', '1-1-1 (BC)', 'today', '20240228', '2024-13-01'],
    type: 'date',
    reads: ['2024-02-28', ...Array.from({ length: 6 }, () => ({ rejected: 'not-a-date' }))],
  },
  {
    title: 'the other order is a wrong date',
    values: [...Array.from({ length: 150 }, () => '24/03/2022'), '03/24/2022'],
    reads: [...Array.from({ length: 150 }, () => '2022-03-24'), { rejected: 'not-a-date' }],
  },
  {
    title: 'the date of a date-time',
    values: ['2021-02-03 13:12', '2021-02-03T23:59:59Z'],
    type: 'date',
    reads: ['2021-02-03', '2021-02-03'],
  },

  {
    title: 'minutes',
    values: ['2021-02-03 13:12', '2021-02-03 06:53'],
    sqlType: 'TIMESTAMP',
    reads: ['2021-02-03 13:12:00', '2021-02-03 06:53:00'],
  },
  {
    title: 'ISO date-times of every form',
    values: [
      '2021-02-03T13:12:00Z',
      '2021-02-03T13:12:00+02:00',
      '2021-02-03 13:12:00.250',
      '2021-02-03',
      '2021-02-03T13:12-0530',
      '2021-02-03T00:30:00+01',
    ],
    sqlType: 'TIMESTAMP',
    reads: [
      '2021-02-03 13:12:00',
      '2021-02-03 11:12:00',
      '2021-02-03 13:12:00.25',
      '2021-02-03 00:00:00',
      '2021-02-03 18:42:00',
      '2021-02-02 23:30:00',
    ],
  },
  {
    title: 'a clock of twelve hours',
    values: ['2/20/2019 1:05 PM', '2/20/2019 12:10 AM'],
    sqlType: 'TIMESTAMP',
    reads: ['2019-02-20 13:05:00', '2019-02-20 00:10:00'],
  },
  {
    title: 'no such time',
    values: ['2021-02-03 13:12:00', '2021-02-03 25:12:00', '2021-02-03 13:61:00'],
    type: 'datetime',
    reads: ['2021-02-03 13:12:00', { rejected: 'not-a-datetime' }, { rejected: 'not-a-datetime' }],
  },

  { title: 'booleans', values: ['true', 'FALSE'], sqlType: 'BOOLEAN', reads: [true, false] },
  {
    title: 'booleans when told',
    values: ['Y', 'n', '1', '0', 'maybe'],
    type: 'boolean',
    reads: [true, false, true, false, { rejected: 'not-a-boolean' }],
  },
  { title: 'text stays as it is', values: [' a ', 'B', 'ß'], sqlType: 'VARCHAR', reads: [' a ', 'B', 'ß'] },
  { title: 'text with a NUL', values: ['x\0y', 'z'], sqlType: 'VARCHAR', reads: ['x\0y', 'z'] },
];
