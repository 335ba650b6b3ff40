// Builds the command line once for its tests: the bundle is what is tested, never the sources.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../infra/local/paths.ts';

export default function setUp(): void {
  execFileSync(process.execPath, [join(projectRoot, 'cli', 'build.ts')], { stdio: 'inherit' });
}
