// A service that the core depends on failed, for no reason that the caller's input gives. Thrown, never returned:
// queues and workflows try again, and a request is told to, where `retryable` says so.

export class DependencyFault extends Error {
  readonly retryable: boolean;
  constructor(service: string, cause: unknown, retryable: boolean) {
    const name = cause instanceof Error ? cause.name : 'unknown';
    super(`${service}: ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'DependencyFault';
    this.retryable = retryable;
  }
}
