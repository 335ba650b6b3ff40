// What a command is: words in, text for stdout and an exit code out. Only main.ts prints and ends the process.
import type { Result } from '../../shared/domain/result.ts';

export type CommandOutput = {
  output: string;
  /** For stderr: what a person should know that is not the result. */
  notes?: string[];
  code: 0 | 1;
};

/** `onInterrupt` registers what to clean up when the process is told to stop. Throws a UsageError on bad use. */
export type Command = (words: string[], onInterrupt: (clean: () => void) => void) => Promise<Result<CommandOutput>>;
