// `npm run check`: types, lint and unit tests, for the moment before a commit. It needs no emulator.
import { runChecks } from './checks.ts';

process.exitCode = await runChecks({ kinds: 'unit', countSkipped: false });
