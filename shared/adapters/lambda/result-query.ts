// Asks the `query` function, which alone has the engine, and waits for its answer.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { FailureError, type Result } from '../../domain/result.ts';
import type { ResultQuery } from '../../ports/result-query.ts';
import { DependencyFault, dependency } from '../dependency-fault.ts';

/** Also the event of functions/query. */
export type QueryRequest =
  | { operation: 'page'; arguments: Parameters<ResultQuery['page']> }
  | { operation: 'export'; arguments: Parameters<ResultQuery['export']> };

export function createResultQuery(functionName: string, client: LambdaClient = new LambdaClient({})): ResultQuery {
  const ask = async <T>(request: QueryRequest): Promise<T> => {
    const answer = await dependency('query', () =>
      client.send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(request)) })),
    );
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    if (answer.FunctionError) throw new DependencyFault('query', new Error(text.slice(0, 500)));
    const result = JSON.parse(text) as Result<T>;
    if (!result.ok) throw new FailureError(result);
    return result.value;
  };
  return {
    page: (...request) => ask({ operation: 'page', arguments: request }),
    export: (...request) => ask({ operation: 'export', arguments: request }),
  };
}
