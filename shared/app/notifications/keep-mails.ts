// Decides that mails are to be sent: keeps them in the outbox and asks for each to be sent. The same event mails each
// address once, however often it is told of.
import { type Mail, mailOverdueMs } from '../../domain/mail.ts';
import type { Deps } from '../deps.ts';
import { derivedId } from '../derived-id.ts';

export type NotifyDeps = Pick<Deps, 'outbox' | 'queue' | 'clock'>;

/** Ids and names only: no secret and no value of a record may be in it. */
export type Notice = {
  tenant: string;
  /** Names the event, uniquely in the tenant. */
  cause: string;
  to: string[];
  subject: string;
  text: string;
  /** Where it is looked at, from the base address of the surface. */
  path: string;
};

export async function keepMails(deps: NotifyDeps, notice: Notice): Promise<void> {
  const addresses = new Map(notice.to.map((address) => [address.trim().toLowerCase(), address.trim()]));
  const mailIds: string[] = [];
  for (const [name, address] of addresses) {
    const mail = mailOf(deps, notice, name, address);
    const kept = (await deps.outbox.keep(mail)) ? mail : await deps.outbox.get(mail);
    // Kept before, and not sent: whoever kept it may have died before asking.
    if (kept?.status === 'WAITING') mailIds.push(mail.mailId);
  }
  const { tenant } = notice;
  if (mailIds.length > 0) await deps.queue.send(mailIds.map((mailId) => ({ kind: 'send-mail', tenant, mailId })));
}

function mailOf({ clock }: NotifyDeps, notice: Notice, name: string, address: string): Mail {
  const { tenant, cause, subject, text, path } = notice;
  const now = clock.now();
  return {
    tenant,
    mailId: derivedId(tenant, name, cause),
    to: address,
    // A line break would be refused by the mail service; names are written by people.
    subject: subject.replace(/\s+/g, ' ').slice(0, subjectCharactersMax),
    text,
    path,
    status: 'WAITING',
    attempts: 0,
    busyUntil: now + mailOverdueMs,
    createdAt: new Date(now).toISOString(),
    version: 1,
  };
}
/** What mail programs show of one. */
const subjectCharactersMax = 200;
