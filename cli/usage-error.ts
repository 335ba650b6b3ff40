// Bad use of the command line: one line for the person who typed it, exit code 2, never a stack.

export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
