// What counts as failed at the end of `npm test`.
import { describe, expect, it } from 'vitest';
import { countTests, optionalDataMark, type VitestReport } from '../../../infra/local/tally.ts';

function file(status: string, tests: [string, string][], message = ''): VitestReport['testResults'][number] {
  return {
    name: 'a.test.ts',
    status,
    message,
    assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
  };
}

const cases: [string, VitestReport, { exitCode: number; countSkipped: boolean }, { passed: number; failed: number }][] =
  [
    [
      'all passed',
      {
        testResults: [
          file('passed', [
            ['a', 'passed'],
            ['b', 'passed'],
          ]),
        ],
      },
      { exitCode: 0, countSkipped: true },
      { passed: 2, failed: 0 },
    ],
    [
      'one failed',
      {
        testResults: [
          file('failed', [
            ['a', 'passed'],
            ['b', 'failed'],
          ]),
        ],
      },
      { exitCode: 1, countSkipped: true },
      { passed: 1, failed: 1 },
    ],
    [
      'a file that does not load',
      { testResults: [file('failed', [], 'SyntaxError')] },
      { exitCode: 1, countSkipped: false },
      { passed: 0, failed: 1 },
    ],
    [
      'a set-up that throws skips its tests',
      { testResults: [file('failed', [['a', 'skipped']], 'Error')] },
      { exitCode: 1, countSkipped: false },
      { passed: 0, failed: 1 },
    ],
    [
      'skipped on a desk',
      {
        testResults: [
          file('passed', [
            ['a', 'skipped'],
            ['b', 'todo'],
          ]),
        ],
      },
      { exitCode: 0, countSkipped: false },
      { passed: 0, failed: 0 },
    ],
    [
      'skipped in CI',
      {
        testResults: [
          file('passed', [
            ['a', 'skipped'],
            ['b', 'todo'],
            ['c', 'pending'],
          ]),
        ],
      },
      { exitCode: 0, countSkipped: true },
      { passed: 0, failed: 3 },
    ],
    [
      'skipped in CI for data that a fresh clone lacks',
      { testResults: [file('passed', [[`a ${optionalDataMark}`, 'skipped']])] },
      { exitCode: 0, countSkipped: true },
      { passed: 0, failed: 0 },
    ],
    [
      'failed for all its data',
      { testResults: [file('failed', [[`a ${optionalDataMark}`, 'failed']])] },
      { exitCode: 1, countSkipped: true },
      { passed: 0, failed: 1 },
    ],
    [
      'an error outside every test',
      { testResults: [file('passed', [['a', 'passed']])] },
      { exitCode: 1, countSkipped: true },
      { passed: 1, failed: 1 },
    ],
  ];

describe('the count of tests', () => {
  it.each(cases)('%s', (_name, report, options, expected) => {
    const { passed, failed, failures } = countTests(report, options);
    expect({ passed, failed }).toEqual(expected);
    expect(failures).toHaveLength(failed);
  });
});
