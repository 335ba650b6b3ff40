// Asks the `directory` function, which alone reaches the directory, and waits for its answer. Names and passwords are in the
// event and nowhere else: no error says what was asked.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Result } from '../../domain/result.ts';
import type { Directory, DirectoryPerson } from '../../ports/directory.ts';
import { DependencyFault, dependency } from '../dependency-fault.ts';

/** Also the event of functions/directory. */
export type DirectoryRequest =
  | { operation: 'signIn'; name: string; password: string }
  | { operation: 'lookUp'; dn: string };

export function createDirectory(functionName: string, client: LambdaClient = new LambdaClient({})): Directory {
  async function ask(request: DirectoryRequest): Promise<Result<DirectoryPerson>> {
    const answer = await dependency('directory', () =>
      client.send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(request)) })),
    );
    if (answer.FunctionError) throw new DependencyFault('directory', new Error('it failed; its log says why'));
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8')) as Result<DirectoryPerson>;
  }
  return {
    signIn: (name, password) => ask({ operation: 'signIn', name, password }),
    lookUp: (dn) => ask({ operation: 'lookUp', dn }),
  };
}
