// Mails from the moment that they are decided until they are sent, and after.
import type { Mail, MailRef } from '../domain/mail.ts';

export type MailOutbox = {
  /** False when a mail of this id is kept already, in whatever state. */
  keep(mail: Mail): Promise<boolean>;
  get(ref: MailRef): Promise<Mail | undefined>;
  /** Writes version + 1 where the stored version is the given one; false on a conflict. */
  save(mail: Mail): Promise<boolean>;
  /** WAITING or SENDING, and nobody has been at them since before `now`: what was lost. For the sweep. */
  overdue(now: number, limit: number): Promise<MailRef[]>;
};
