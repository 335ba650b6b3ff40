// Sends a mail. A refusal that stays one however often it is asked is a Result; anything else is a dependency fault.
import type { Mail } from '../domain/mail.ts';
import type { Result } from '../domain/result.ts';

export type Letter = Pick<Mail, 'tenant' | 'mailId' | 'to' | 'subject' | 'text'>;

export type Mailer = {
  /** MAIL_REFUSED when the service will not send to this address. */
  send(letter: Letter): Promise<Result<void>>;
};
