// What an API function writes: one line for each invocation, and one for each fault. Never a body, a query or a header,
// since those carry secrets.
import { Logger } from '@aws-lambda-powertools/logger';

export type InvocationLog = {
  line(fields: Record<string, unknown>): void;
  fault(error: unknown, fields: Record<string, unknown>): void;
};

export function createInvocationLog(serviceName: string): InvocationLog {
  const logger = new Logger({ serviceName });
  return {
    line: (fields) => logger.info('request', fields),
    fault: (error, fields) =>
      logger.error('fault', { ...fields, error: error instanceof Error ? error : String(error) }),
  };
}
