// Twin of the DynamoDB outbox of mails.
import type { Mail, MailRef } from '../../domain/mail.ts';
import type { MailOutbox } from '../../ports/mail-outbox.ts';
import { keyOf } from './state.ts';

/** `all` is for tests that look at what was decided. */
export type MemoryMailOutbox = MailOutbox & { all(): Mail[] };

export function createMemoryMailOutbox(): MemoryMailOutbox {
  const mails = new Map<string, Mail>();
  const nameOf = ({ tenant, mailId }: MailRef) => keyOf(tenant, mailId);
  return {
    async keep(mail) {
      if (mails.has(nameOf(mail))) return false;
      mails.set(nameOf(mail), structuredClone(mail));
      return true;
    },
    async get(ref) {
      return structuredClone(mails.get(nameOf(ref)));
    },
    async save(mail) {
      if (mails.get(nameOf(mail))?.version !== mail.version) return false;
      mails.set(nameOf(mail), { ...structuredClone(mail), version: mail.version + 1 });
      return true;
    },
    async overdue(now, limit) {
      return [...mails.values()]
        .filter(({ status, busyUntil }) => (status === 'WAITING' || status === 'SENDING') && busyUntil < now)
        .sort((a, b) => a.busyUntil - b.busyUntil)
        .slice(0, limit)
        .map(({ tenant, mailId }) => ({ tenant, mailId }));
    },
    all: () => structuredClone([...mails.values()]),
  };
}
