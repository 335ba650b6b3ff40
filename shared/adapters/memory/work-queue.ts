// Twin of the queues: keeps what was sent, in order, for a test or a simulation to deliver as it likes.
import type { WorkMessage, WorkQueue } from '../../ports/work-queue.ts';

export type SentMessage = { message: WorkMessage; delaySeconds: number };

export type MemoryWorkQueue = WorkQueue & {
  waiting: SentMessage[];
  /** Removes and gives the oldest message, whatever its delay. */
  take(): SentMessage | undefined;
};

export function createMemoryWorkQueue(): MemoryWorkQueue {
  const waiting: SentMessage[] = [];
  return {
    waiting,
    async send(messages, delaySeconds = 0) {
      for (const message of messages) waiting.push({ message: structuredClone(message), delaySeconds });
    },
    take() {
      return waiting.shift();
    },
  };
}
