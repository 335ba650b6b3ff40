// Where no sender is set, a mail becomes an object that a person can read, `outbox/<tenant>/<mail>.txt`: sending it again
// writes the same.
import { ok } from '../../domain/result.ts';
import type { Mailer } from '../../ports/mailer.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

export function createObjectMailer(objects: Pick<ObjectStore, 'put'>): Mailer {
  return {
    async send({ tenant, mailId, to, subject, text }) {
      const key = `outbox/${encodeURIComponent(tenant)}/${mailId}.txt`;
      await objects.put(key, `To: ${to}\nSubject: ${subject}\n\n${text}`, 'text/plain; charset=utf-8');
      return ok(undefined);
    },
  };
}
