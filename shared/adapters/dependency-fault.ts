// A service that the core depends on failed, for no reason that the caller's input gives. Thrown, never returned:
// queues and workflows try again where `retryable` says so.

export class DependencyFault extends Error {
  readonly retryable: boolean;
  constructor(service: string, cause: unknown) {
    const name = cause instanceof Error ? cause.name : 'unknown';
    super(`${service}: ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'DependencyFault';
    this.retryable = isRetryable(cause);
  }
}

/** Runs a call to a service; what it throws becomes a DependencyFault. */
export async function dependency<T>(service: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof DependencyFault) throw error;
    throw new DependencyFault(service, error);
  }
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
