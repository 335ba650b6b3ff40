// Asks the `directory` function, which alone reaches the directory, and waits for its answer. Names and passwords are in the
// event and nowhere else: no error says what was asked.
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Result } from '../../domain/result.ts';
import type { Directory, DirectoryPerson } from '../../ports/directory.ts';
import { invokeFunction } from './invoke-function.ts';

/** Also the event of functions/directory. */
export type DirectoryRequest =
  | { operation: 'signIn'; name: string; password: string }
  | { operation: 'lookUp'; dn: string };

export function createDirectory(functionName: string, client: LambdaClient = new LambdaClient({})): Directory {
  const ask = (request: DirectoryRequest): Promise<Result<DirectoryPerson>> =>
    invokeFunction({ service: 'directory', functionName, client }, request);
  return {
    signIn: (name, password) => ask({ operation: 'signIn', name, password }),
    lookUp: (dn) => ask({ operation: 'lookUp', dn }),
  };
}
