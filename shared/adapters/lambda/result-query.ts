// Asks the `query` function, which alone has the engine, and waits for its answer.
import { LambdaClient } from '@aws-sdk/client-lambda';
import { FailureError, type Result } from '../../domain/result.ts';
import type { MatchQuery } from '../../ports/match-query.ts';
import type { ResultQuery } from '../../ports/result-query.ts';
import type { RunView } from '../../ports/run-view.ts';
import type { RunWorkbook } from '../../ports/run-workbook.ts';
import { invokeFunction } from './invoke-function.ts';

/** Also the event of functions/query. */
export type QueryRequest =
  | { operation: 'page'; arguments: Parameters<ResultQuery['page']> }
  | { operation: 'tally'; arguments: Parameters<ResultQuery['tally']> }
  | { operation: 'export'; arguments: Parameters<ResultQuery['export']> }
  | { operation: 'find'; arguments: Parameters<MatchQuery['find']> }
  | { operation: 'undo'; arguments: Parameters<MatchQuery['undo']> }
  | { operation: 'records'; arguments: Parameters<MatchQuery['records']> }
  | { operation: 'view'; arguments: Parameters<RunView['page']> }
  | { operation: 'breaks-of'; arguments: Parameters<RunView['breaksOf']> }
  | { operation: 'workbook'; arguments: Parameters<RunWorkbook['workbook']> };

export function createResultQuery(functionName: string, client: LambdaClient = new LambdaClient({})): ResultQuery {
  return {
    page: (...request) => ask(functionName, client, { operation: 'page', arguments: request }),
    tally: (...request) => ask(functionName, client, { operation: 'tally', arguments: request }),
    export: (...request) => ask(functionName, client, { operation: 'export', arguments: request }),
  };
}

export function createMatchQuery(functionName: string, client: LambdaClient = new LambdaClient({})): MatchQuery {
  return {
    find: (...request) => ask(functionName, client, { operation: 'find', arguments: request }),
    undo: (...request) => ask(functionName, client, { operation: 'undo', arguments: request }),
    records: (...request) => ask(functionName, client, { operation: 'records', arguments: request }),
  };
}

export function createRunView(functionName: string, client: LambdaClient = new LambdaClient({})): RunView {
  return {
    page: (...request) => ask(functionName, client, { operation: 'view', arguments: request }),
    breaksOf: (...request) => ask(functionName, client, { operation: 'breaks-of', arguments: request }),
  };
}

export function createRunWorkbook(functionName: string, client: LambdaClient = new LambdaClient({})): RunWorkbook {
  return { workbook: (...request) => ask(functionName, client, { operation: 'workbook', arguments: request }) };
}

async function ask<T>(functionName: string, client: LambdaClient, request: QueryRequest): Promise<T> {
  const result = await invokeFunction<Result<T>>({ service: 'query', functionName, client }, request);
  if (!result.ok) throw new FailureError(result);
  return result.value;
}
