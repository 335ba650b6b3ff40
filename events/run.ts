// Sends a sample event to its function: `npm run event events/match/match-task.json`. The folder names the function; it
// runs on the local stack (`npm start`), or where AWS_ENDPOINT_URL and TIEOUT_STAGE point. It changes what the event says.
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { connection } from '../infra/local/connection.ts';

const { AWS_ENDPOINT_URL = 'http://127.0.0.1:4566', TIEOUT_STAGE = 'local' } = process.env;
process.exitCode = await run(process.argv[2]);

async function run(path: string | undefined): Promise<number> {
  if (path === undefined) {
    console.error('usage: npm run event events/<function>/<event>.json');
    return 2;
  }
  const name = `tieout-${TIEOUT_STAGE}-${basename(dirname(path))}`;
  try {
    const client = new LambdaClient({ ...connection(AWS_ENDPOINT_URL), maxAttempts: 1 });
    const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload: readFileSync(path) }));
    console.log(Buffer.from(answer.Payload ?? []).toString('utf8'));
    return answer.FunctionError ? 1 : 0;
  } catch (error) {
    console.error(
      `${name} could not be reached at ${AWS_ENDPOINT_URL} (is npm start running?): ${(error as Error).message}`,
    );
    return 1;
  }
}
