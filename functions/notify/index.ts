// Sends the mails of the outbox: through SES where a sender is set, else as objects that a person can read.
import { createActivityLog } from '../../shared/adapters/dynamodb/activity-log.ts';
import { createMailOutbox } from '../../shared/adapters/dynamodb/mail-outbox.ts';
import { createNumberStore } from '../../shared/adapters/dynamodb/number-store.ts';
import { openTable } from '../../shared/adapters/dynamodb/table.ts';
import { createS3Client } from '../../shared/adapters/s3/client.ts';
import { createObjectMailer } from '../../shared/adapters/s3/object-mailer.ts';
import { createObjectStore } from '../../shared/adapters/s3/object-store.ts';
import { createSesMailer } from '../../shared/adapters/ses/mailer.ts';
import { createRedelivery } from '../../shared/adapters/sqs/redelivery.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { type SendMailDeps, sendMail } from '../../shared/app/notifications/send-mail.ts';
import { createInvocationLog } from '../../shared/lambda/invocation-log.ts';
import { createQueueFunction } from '../../shared/lambda/queue-function.ts';
import { required } from '../environment.ts';

const table = openTable(required('TABLE_NAME'));
const bucket = required('BUCKET_NAME');
const { MAIL_SENDER } = process.env;

const deps: SendMailDeps = {
  outbox: createMailOutbox(table),
  activity: createActivityLog(table, createNumberStore(table), systemClock),
  clock: systemClock,
  mailer: MAIL_SENDER ? createSesMailer(MAIL_SENDER) : createObjectMailer(createObjectStore(bucket, createS3Client())),
  baseUrl: required('PUBLIC_BASE_URL'),
};

export const handler = createQueueFunction({
  bucket,
  async work(message) {
    if (message.kind !== 'send-mail') throw new Error('notify sends mails and does nothing else');
    await sendMail(deps, message);
  },
  retryAfter: createRedelivery(),
  log: createInvocationLog('notify'),
});
