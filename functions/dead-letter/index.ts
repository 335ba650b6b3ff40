// Takes the messages that no worker could do: what they were for fails with the reason, and a message of no known form is
// kept beside the files that nobody expects.
import { createRedelivery } from '../../shared/adapters/sqs/redelivery.ts';
import { failMail } from '../../shared/app/notifications/send-mail.ts';
import { failWork } from '../../shared/app/runs/fail-work.ts';
import { failUpload } from '../../shared/app/uploads/profile-upload.ts';
import { fail } from '../../shared/domain/result.ts';
import { createInvocationLog } from '../../shared/lambda/invocation-log.ts';
import { createQueueFunction } from '../../shared/lambda/queue-function.ts';
import { composePipeline } from '../compose-pipeline.ts';

const deps = composePipeline();

export const handler = createQueueFunction({
  bucket: deps.settings.bucket,
  async work(message) {
    if (message.kind === 'send-mail') return failMail(deps, message);
    if (message.kind !== 'profile-upload') return failWork(deps, message);
    await failUpload(deps, message, fail('ATTEMPTS_EXHAUSTED', 'Reading the file failed too often'));
  },
  retryAfter: createRedelivery(),
  async refuse({ messageId, body, eventSourceARN }, reason) {
    const queue = eventSourceARN.split(':').at(-1);
    const kept = { queue, messageId, reason, body, at: new Date(deps.clock.now()).toISOString() };
    await deps.objects.put(`unclaimed/messages/${messageId}.json`, JSON.stringify(kept, null, 2), 'application/json');
  },
  log: createInvocationLog('dead-letter'),
});
