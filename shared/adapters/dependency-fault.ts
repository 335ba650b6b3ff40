// What calls to services throw, made a DependencyFault that says whether asking again can help.
import { DependencyFault } from '../domain/dependency-fault.ts';

/** Runs a call to a service; what it throws becomes a DependencyFault. */
export async function dependency<T>(service: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof DependencyFault) throw error;
    throw dependencyFault(service, error);
  }
}

export function dependencyFault(service: string, cause: unknown): DependencyFault {
  return new DependencyFault(service, cause, isRetryable(cause));
}

/** Errors of the caller (HTTP 4xx) stay what they are however often one asks; throttling is the exception. */
function isRetryable(cause: unknown): boolean {
  const { $metadata, $retryable, name } = (cause ?? {}) as {
    $metadata?: { httpStatusCode?: number };
    $retryable?: unknown;
    name?: string;
  };
  if ($retryable || /throttl|throughput|limitexceeded|slowdown|timeout|conflict/i.test(name ?? '')) return true;
  const status = $metadata?.httpStatusCode;
  return status === undefined || status === 429 || status >= 500;
}
