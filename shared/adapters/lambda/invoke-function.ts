// Invokes a function of ours and waits for its answer. What went wrong in it is told by the name of the error alone: the rest
// is in its own log, and what was asked may hold a password.
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { DependencyFault } from '../../domain/dependency-fault.ts';
import { dependency } from '../dependency-fault.ts';

export type InvokedFunction = { service: string; functionName: string; client: LambdaClient };

export async function invokeFunction<Answer>(
  { service, functionName, client }: InvokedFunction,
  request: object,
): Promise<Answer> {
  const { FunctionError, Payload } = await dependency(service, () =>
    client.send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(request)) })),
  );
  const text = Buffer.from(Payload ?? []).toString('utf8');
  if (FunctionError) throw faultOf(service, text);
  return JSON.parse(text) as Answer;
}

/**
 * A process that died or ran out of time (`Sandbox.Timedout`, `Runtime.ExitError`, or no name at all), and one whose own
 * dependency failed, may answer the next time. Any other error is a bug there, which stays.
 */
function faultOf(service: string, text: string): DependencyFault {
  const name = /"errorType" *: *"([\w.]+)"/.exec(text)?.[1];
  const isBug = name !== undefined && name !== 'DependencyFault' && !/^(Runtime|Sandbox)\./.test(name);
  return new DependencyFault(service, new Error(`it failed (${name ?? 'unnamed'}); its log says why`), !isBug);
}
