// Sends a mail that is in the outbox. Two that try at once do not both send; one that dies while sending is followed after
// its lease, and may then have sent it already: a mail may come twice, and never not at all without a note.
import { type Mail, type MailRef, mailAttemptsMax, mailLeaseMs, mailOverdueMs } from '../../domain/mail.ts';
import { type Failure, fail } from '../../domain/result.ts';
import type { Mailer } from '../../ports/mailer.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';

export type SendMailDeps = Pick<Deps, 'outbox' | 'activity' | 'clock'> & {
  mailer: Mailer;
  /** Of the surface that the paths are of, without a slash at the end. */
  baseUrl: string;
};

/** Throws when it has to be tried again. */
export async function sendMail(deps: SendMailDeps, ref: MailRef): Promise<void> {
  const mail = await take(deps, ref);
  if (!mail) return;
  if (mail.attempts > mailAttemptsMax) return giveUp(deps, mail, fail('ATTEMPTS_EXHAUSTED'));
  const text = `${mail.text}\n\n${deps.baseUrl}${mail.path}\n`;
  try {
    const sent = await deps.mailer.send({ ...mail, text });
    if (!sent.ok) return await giveUp(deps, mail, sent);
  } catch (error) {
    await deps.outbox.save({ ...mail, status: 'WAITING', busyUntil: deps.clock.now() + mailOverdueMs });
    throw error;
  }
  await deps.outbox.save({ ...mail, status: 'SENT', sentAt: new Date(deps.clock.now()).toISOString() });
}

/** The queue has given up its message. */
export async function failMail(deps: Pick<Deps, 'outbox' | 'activity' | 'clock'>, ref: MailRef): Promise<void> {
  const mail = await take(deps, ref);
  if (mail)
    await giveUp(deps, mail, fail('ATTEMPTS_EXHAUSTED', 'The queue gave up the message after its last attempt'));
}

/** The mail under this one's lease; undefined when it is done with, or somebody else is at it. */
async function take(deps: Pick<Deps, 'outbox' | 'clock'>, ref: MailRef): Promise<Mail | undefined> {
  const { taken } = await untilWritten<{ taken: Mail | undefined }>(async () => {
    const mail = await deps.outbox.get(ref);
    const now = deps.clock.now();
    if (!mail || mail.status === 'SENT' || mail.status === 'FAILED') return { taken: undefined };
    if (mail.status === 'SENDING' && mail.busyUntil > now) return { taken: undefined };
    const leased: Mail = { ...mail, status: 'SENDING', attempts: mail.attempts + 1, busyUntil: now + mailLeaseMs };
    return (await deps.outbox.save(leased)) ? { taken: { ...leased, version: leased.version + 1 } } : undefined;
  });
  return taken;
}

/** The note comes first: a mail that is FAILED is looked at by nobody again. */
async function giveUp(
  deps: Pick<Deps, 'outbox' | 'activity'>,
  mail: Mail,
  { code, detail }: Pick<Failure, 'code' | 'detail'>,
): Promise<void> {
  await deps.activity.record({
    tenant: mail.tenant,
    eventType: 'NOTIFICATION_FAILED',
    details: `The mail "${mail.subject}" to ${mail.to} could not be sent: ${detail}`,
    actorDn: 'SYSTEM',
    cause: `mail-failed/${mail.mailId}`,
  });
  await deps.outbox.save({ ...mail, status: 'FAILED', reason: { code, detail } });
}
