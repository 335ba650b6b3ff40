// Reads the body of a queue message: work of ours, or a notification of the object store. It lets nothing pass whose form
// it does not know, and says why.
import { objectNotification } from '../contracts/messages/object-notification.ts';
import { workMessage } from '../contracts/messages/work-message.ts';
import type { WorkMessage } from '../ports/work-queue.ts';

export type QueueMessages = { messages: WorkMessage[] } | { refused: string };

/** `bucket`: notifications of another one are refused. */
export function readQueueMessages(body: string, bucket: string): QueueMessages {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { refused: 'the body is not JSON' };
  }
  const notified = objectNotification.safeParse(value);
  if (notified.success) return 'Records' in notified.data ? received(notified.data.Records, bucket) : { messages: [] };
  const message = workMessage.safeParse(value);
  if (message.success) return { messages: [message.data] };
  const [issue] = message.error.issues;
  return { refused: `neither work nor a notification: ${issue?.path.join('.')}: ${issue?.message}` };
}

type Records = Extract<ReturnType<typeof objectNotification.parse>, { Records: unknown }>['Records'];

function received(records: Records, bucket: string): QueueMessages {
  const messages: WorkMessage[] = [];
  for (const { eventName, s3 } of records) {
    if (s3.bucket.name !== bucket) return { refused: `the notification is of bucket ${s3.bucket.name}` };
    if (!eventName.includes('ObjectCreated:')) continue;
    const key = decodeKey(s3.object.key);
    if (key === undefined) return { refused: `the key ${s3.object.key} is not encoded as S3 does` };
    const { versionId = 'null', size = 0 } = s3.object;
    messages.push({ kind: 'object-received', key, versionId, bytes: size });
  }
  return { messages };
}

/** S3 writes keys as a form does: `+` is a space. */
function decodeKey(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
