// Test support: two files, a wide and a tight definition of them, and how a backtest of them is run and refused.
import { expect } from 'vitest';
import type { BacktestReport } from '../../../cli/report/backtest-report.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { openWorkplace, type Ran, type Workplace } from './command.ts';

export const left = `id,amount,day
A1,10.00,2024-01-01
A2,20.00,2024-01-01
A3,30.00,2024-01-01
A4,40.00,2024-01-01
A5,50.00,2024-01-02
A6,60.00,2024-01-03
`;
const right = `ref,amt,day
A1,10.00,2024-01-01
A2,20.01,2024-01-01
A3,30.50,2024-01-01
X4,40.00,2024-01-01
X5,50.02,2024-01-02
A6,60.00,2024-01-04
`;

/** A6 agrees by a day of tolerance, A2 by a cent; A4 and A5 have no common key and meet by day and amount. */
export const wide: Definition = {
  name: 'wide',
  sources: [{ name: 'left', anchor: true }, { name: 'right' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { left: 'id', right: 'ref' } },
    {
      name: 'amount',
      role: 'COMPARE',
      type: 'decimal',
      tolerance: { absolute: '0.01' },
      mapping: { left: 'amount', right: 'amt' },
    },
    { name: 'day', role: 'COMPARE', type: 'date', tolerance: { days: 1 }, mapping: { left: 'day', right: 'day' } },
  ],
  passes: [
    { kind: 'exact-key', name: 'key' },
    {
      kind: 'tolerance',
      name: 'near',
      conditions: [
        { field: 'day', equal: true },
        { field: 'amount', absolute: '0.05' },
      ],
    },
  ],
};

export function changed(change: (definition: Definition) => void): string {
  const copy = structuredClone(wide);
  change(copy);
  return JSON.stringify(copy);
}

export const files = ['left.csv', 'right.csv'];

export type Lab = Workplace & {
  report(...words: string[]): { code: number; report: BacktestReport };
  refused(...words: string[]): Ran;
};

export function openLab(): Lab {
  const place = openWorkplace();
  place.write('left.csv', left);
  place.write('right.csv', right);
  place.write('wide.json', JSON.stringify(wide));
  place.write(
    'tight.json',
    changed((one) => {
      one.name = 'tight';
      delete one.fields[2]!.tolerance;
      one.passes[1] = {
        kind: 'tolerance',
        name: 'near',
        conditions: [
          { field: 'day', equal: true },
          { field: 'amount', absolute: '0.01' },
        ],
      };
    }),
  );
  return {
    ...place,
    report(...words) {
      const ran = place.run('backtest', ...words, '--json');
      expect(ran.stderr).toBe('');
      return { code: ran.code, report: JSON.parse(ran.stdout) as BacktestReport };
    },
    refused(...words) {
      const ran = place.run('backtest', ...words);
      expect(ran).toMatchObject({ code: 2, stdout: '' });
      expect(ran.stderr).toMatch(/^tieout: [^\n]+\n$/);
      return ran;
    },
  };
}
