// The example of docs/surfaces/breaks.md as it is written there, by bash, curl and jq against the deployed platform.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { projectRoot } from '../../../infra/local/paths.ts';

test('the example of the documentation, from two files to a closed break', () => {
  const text = readFileSync(join(projectRoot, 'docs', 'surfaces', 'breaks.md'), 'utf8');
  const [, example] = /```bash\n(.*?)```/s.exec(text)!;
  const script = example!.replace('http://localhost:8081', inject('stack').urls.breaks!);
  const directory = mkdtempSync(join(tmpdir(), 'tieout-documented-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  // Its own folder for what it downloads.
  const shown = execFileSync('bash', ['-euo', 'pipefail', '-c', `${script}\nhead -c 2 run.xlsx`], {
    env: { ...process.env, TMPDIR: directory },
    encoding: 'utf8',
  });
  expect(shown.split('\n')).toEqual([
    '2',
    '2',
    '["PENDING_APPROVAL"]',
    '"PENDING_APPROVAL"',
    'Nobody approves what they submitted themselves',
    '"CLOSED"',
    '{"CLOSED":1}',
    expect.stringMatching(/^Break \d+ moved to CLOSED by CN=checker\.bob,OU=Users,DC=corp,DC=example$/),
    'PK',
  ]);
}, 180_000);
