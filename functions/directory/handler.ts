// Answers one question about one person, and says of it in the log only what kind it was and how it ended: never a name, a
// password, a DN or a group.
import type { DirectoryRequest } from '../../shared/adapters/lambda/directory.ts';
import { DependencyFault } from '../../shared/domain/dependency-fault.ts';
import type { Result } from '../../shared/domain/result.ts';
import type { InvocationLog } from '../../shared/lambda/invocation-log.ts';
import type { Directory, DirectoryPerson } from '../../shared/ports/directory.ts';

export function createHandler(directory: Directory, log: InvocationLog, now: () => number = Date.now) {
  return async (request: DirectoryRequest): Promise<Result<DirectoryPerson>> => {
    const startedAt = now();
    const { operation } = request;
    try {
      const answer = await ask(directory, request);
      const outcome = answer.ok ? { groups: answer.value.groups.length } : { refused: answer.fields?.reason };
      log.line({ operation, ...outcome, durationMs: now() - startedAt });
      return answer;
    } catch (error) {
      log.fault(error, { operation, durationMs: now() - startedAt });
      // Lambda writes what is thrown into its own log and into the answer.
      throw new DependencyFault('directory', new Error('the directory does not answer'), true);
    }
  };
}

function ask(directory: Directory, request: DirectoryRequest): Promise<Result<DirectoryPerson>> {
  switch (request.operation) {
    case 'signIn':
      return directory.signIn(request.name, request.password);
    case 'lookUp':
      return directory.lookUp(request.dn);
  }
}
