// What a search over one block may cost, counted in elementary steps, so that the same block ends at the same place on
// any machine. Who spends beyond it is stopped where it stands; the search says of what it was doing: not known.

export class StepsSpent extends Error {
  constructor() {
    super('the bound on steps is reached');
    this.name = 'StepsSpent';
  }
}

export type Steps = {
  /** Throws StepsSpent when there are no such many left; then nothing more can be spent. */
  spend(count: number): void;
  spent(): number;
};

export function createSteps(stepsMax: number): Steps {
  let spent = 0;
  return {
    spend(count) {
      spent += count;
      if (spent <= stepsMax) return;
      spent = stepsMax;
      throw new StepsSpent();
    },
    spent: () => spent,
  };
}

/** The result, or undefined when the steps were spent on the way. */
export function withinSteps<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof StepsSpent) return undefined;
    throw error;
  }
}
