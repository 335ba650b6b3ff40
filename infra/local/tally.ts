// Reads Vitest's JSON report into passed and failed. Nothing that did not pass may vanish from the count.

export type VitestReport = {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
};

export type Tally = { passed: number; failed: number; failures: string[] };

/** In the name of a test that uses data which a fresh clone does not have: it alone may be skipped in CI. */
export const optionalDataMark = '(needs shared data)';

export function countTests(report: VitestReport, options: { exitCode: number; countSkipped: boolean }): Tally {
  const total: Tally = { passed: 0, failed: 0, failures: [] };
  for (const file of report.testResults) {
    let failedHere = 0;
    for (const test of file.assertionResults) {
      const skipped = test.status !== 'passed' && test.status !== 'failed';
      if (test.status === 'passed') total.passed += 1;
      else if (!skipped || (options.countSkipped && !test.fullName.includes(optionalDataMark))) {
        failedHere += 1;
        total.failures.push(`${test.fullName}${skipped ? ' (skipped, which CI does not allow)' : ''}`);
      }
    }
    // A file that does not load, or whose set-up throws, has no failed test to show for it.
    if (failedHere === 0 && file.status === 'failed') {
      failedHere = 1;
      total.failures.push(`${file.name}: ${file.message.split('\n')[0]}`);
    }
    total.failed += failedHere;
  }
  // An error outside every test (a promise rejected late, a set-up that failed) shows in the exit code alone.
  if (options.exitCode !== 0 && total.failed === 0) {
    total.failed = 1;
    total.failures.push(`tests: Vitest ended with code ${options.exitCode}`);
  }
  return total;
}
