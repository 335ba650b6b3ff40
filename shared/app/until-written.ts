// Read, decide, write where nobody has written meanwhile; again when somebody has.
import { DependencyFault } from '../domain/dependency-fault.ts';

/** `attempt` gives undefined when its write was refused. Throws when that happens too often: it may pass. */
export async function untilWritten<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let round = 0; round < roundsMax; round += 1) {
    const written = await attempt();
    if (written !== undefined) return written;
  }
  throw new DependencyFault('store', new Error(`a conditional write was refused ${roundsMax} times`), true);
}

/** Each refusal means that somebody else got through, so this many writers at once are needed to reach it. */
const roundsMax = 100;
