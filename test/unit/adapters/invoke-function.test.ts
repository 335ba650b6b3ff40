// What a function of ours that was invoked may answer, and what whoever asked it is told: whether asking again can help, and
// nothing of what was asked.
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { createDirectory } from '../../../shared/adapters/lambda/directory.ts';
import { createRunWorkbook } from '../../../shared/adapters/lambda/result-query.ts';

function answering(answer: object | (() => never)): LambdaClient {
  const send = async () => (typeof answer === 'function' ? answer() : answer);
  return { send } as unknown as LambdaClient;
}

const payload = (value: unknown) => ({ Payload: Buffer.from(JSON.stringify(value)) });
const failed = (value: unknown) => ({ FunctionError: 'Unhandled', ...payload(value) });
const thrown = (name: string, httpStatusCode?: number) => () => {
  throw Object.assign(new Error('Sup3rSecret!'), { name, ...(httpStatusCode && { $metadata: { httpStatusCode } }) });
};

describe('a function that was asked', () => {
  it.each([
    ['is throttled', thrown('TooManyRequestsException', 429), true],
    ['cannot be reached', thrown('ECONNREFUSED'), true],
    ['took too long to answer', thrown('TimeoutError'), true],
    ['is out of order', thrown('ServiceException', 500), true],
    ['may not be asked', thrown('AccessDeniedException', 403), false],
    ['ran out of time', failed({ errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out' }), true],
    ['ran out of time, as told formerly', failed({ errorMessage: 'Task timed out after 29.00 seconds' }), true],
    ['died', failed({ errorType: 'Runtime.ExitError', errorMessage: 'exit status 1' }), true],
    ['did not get an answer itself', failed({ errorType: 'DependencyFault', errorMessage: 'S3: SlowDown' }), true],
    ['has a bug', failed({ errorType: 'TypeError', errorMessage: 'x is not a function: Sup3rSecret!' }), false],
  ])('that %s', async (_what, answer, retryable) => {
    const directory = createDirectory('f', answering(answer)).signIn('jane', 'Sup3rSecret!');
    await expect(directory).rejects.toMatchObject({ name: 'DependencyFault', retryable });
    const query = createRunWorkbook('f', answering(answer)).workbook({} as never);
    await expect(query).rejects.toMatchObject({ name: 'DependencyFault', retryable });
  });

  it('quotes nothing of what failed in it', async () => {
    const bug = answering(failed({ errorType: 'TypeError', errorMessage: 'x of Sup3rSecret!' }));
    await expect(createDirectory('f', bug).signIn('jane', 'Sup3rSecret!')).rejects.toThrow(
      /^directory: Error: it failed \(TypeError\); its log says why$/,
    );
  });

  it('answers, or refuses', async () => {
    const refusal = { ok: false, code: 'RESULTS_NOT_READY', detail: 'not yet' };
    const workbook = (answer: unknown) => createRunWorkbook('f', answering(payload(answer))).workbook({} as never);
    expect(await workbook({ ok: true, value: 7 })).toBe(7);
    await expect(workbook(refusal)).rejects.toMatchObject({ name: 'FailureError', failure: refusal });
    expect(await createDirectory('f', answering(payload(refusal))).lookUp('cn=x')).toEqual(refusal);
  });
});
