// `npm test`: types, lint and every kind of test. The last line is exactly `N passed, N failed`: a type check or a
// lint that fails, a file that does not load and, in CI, a test that was skipped all count as failed.
import { runChecks } from './checks.ts';

process.exitCode = await runChecks({ kinds: 'all', countSkipped: Boolean(process.env.CI) });
