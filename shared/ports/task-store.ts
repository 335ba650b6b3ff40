// Tasks of a stage and their count. The count is written after the tasks and before the messages.
import type { RunRef, Stage, Task, TaskRef } from '../domain/run.ts';

export type StageCount = { total: number; remaining: number };

/** `fenced`: the run is not RUNNING in this generation. `held`: another owner's lease is alive. */
export type LeaseAnswer = { answer: 'leased'; task: Task } | { answer: 'done' | 'held' | 'fenced' | 'exhausted' };

export type TaskStore = {
  /** Writes the tasks that are absent, then the stage's count item if absent; safe to repeat. */
  openStage(run: RunRef, generation: number, stage: Stage, tasks: Pick<Task, 'index' | 'input'>[]): Promise<void>;
  /** Takes or takes over the lease and raises `attempt`; `exhausted` when attemptsMax were used. */
  lease(task: TaskRef, generation: number, owner: string, now: number): Promise<LeaseAnswer>;
  /** False when the lease was lost. */
  heartbeat(task: TaskRef, generation: number, owner: string, until: number): Promise<boolean>;
  /**
   * One transaction: task not done and owned by this attempt, run RUNNING in this generation → result recorded, count down.
   * Answers with what remains; `already` when it was done before, `fenced` when the run or lease has moved on.
   */
  complete(
    task: TaskRef,
    generation: number,
    owner: string,
    result: Record<string, unknown>,
  ): Promise<{ answer: 'completed'; remaining: number } | { answer: 'already' | 'fenced' }>;
  count(run: RunRef, generation: number, stage: Stage): Promise<StageCount | undefined>;
  /** All tasks of a stage with their recorded results, by index. */
  tasks(run: RunRef, generation: number, stage: Stage): Promise<Task[]>;
  /** Leases that ran out before `now`, from a sparse index. For the sweep. */
  expired(now: number, limit: number): Promise<Task[]>;
};
