// The body of a message in the work queues, as `WorkMessage` in shared/ports/work-queue.ts has it. Strict: a message with
// a field that this version does not know is not guessed at.
import { z } from 'zod';

const id = z.string().min(1).max(200);
const run = { tenant: id, reconciliationId: id, runId: id };
const generation = z.int().nonnegative();
const stage = z.enum(['prepare', 'plan', 'partition', 'match', 'residue', 'settle']);

export const workMessage = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('object-received'),
    key: z.string().min(1).max(1_024),
    versionId: z.string().min(1).max(1_024),
    bytes: z.int().nonnegative(),
  }),
  z.strictObject({ kind: z.literal('ingest-batch'), tenant: id, reconciliationId: id, batchId: id }),
  z.strictObject({ kind: z.literal('profile-upload'), tenant: id, uploadId: id }),
  z.strictObject({ kind: z.literal('send-mail'), tenant: id, mailId: id }),
  z.strictObject({ kind: z.literal('task'), ...run, stage, index: z.int().min(0).max(999), generation }),
  z.strictObject({ kind: z.literal('advance'), ...run, stage, generation }),
]);
