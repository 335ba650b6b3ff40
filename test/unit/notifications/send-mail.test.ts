// A mail from the event to the address: kept once, sent once, tried again, given up with a note.
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryActivityLog } from '../../../shared/adapters/memory/activity-log.ts';
import { createMemoryClock } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryMailOutbox } from '../../../shared/adapters/memory/mail-outbox.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryWorkQueue } from '../../../shared/adapters/memory/work-queue.ts';
import { createObjectMailer } from '../../../shared/adapters/s3/object-mailer.ts';
import { keepMails, type Notice } from '../../../shared/app/notifications/keep-mails.ts';
import { failMail, type SendMailDeps, sendMail } from '../../../shared/app/notifications/send-mail.ts';
import { mailAttemptsMax, mailLeaseMs, mailOverdueMs } from '../../../shared/domain/mail.ts';
import { fail, ok, type Result } from '../../../shared/domain/result.ts';
import type { Letter } from '../../../shared/ports/mailer.ts';

const notice: Notice = {
  tenant: 'acme',
  cause: 'published/rec-1/3',
  to: ['recon-admins@example.com'],
  subject: 'CUSTODY_GL: published',
  text: 'Reconciliation CUSTODY_GL (101) was published in version 3 by admin.user.',
  path: '/api/admin/reconciliations/101',
};

function openPost() {
  const clock = createMemoryClock();
  const outbox = createMemoryMailOutbox();
  const queue = createMemoryWorkQueue();
  const activity = createMemoryActivityLog(undefined, clock);
  const letters: Letter[] = [];
  let answer = async (): Promise<Result<void>> => ok(undefined);
  const deps: SendMailDeps & { queue: typeof queue } = {
    outbox,
    queue,
    activity,
    clock,
    baseUrl: 'https://tieout.example.com/breaks',
    mailer: {
      async send(letter) {
        const given = await answer();
        if (given.ok) letters.push(letter);
        return given;
      },
    },
  };
  return {
    deps,
    letters,
    clock,
    outbox,
    queue,
    activity,
    /** What the mail service does from now on. */
    service(next: typeof answer) {
      answer = next;
    },
    async deliver(): Promise<void> {
      for (let sent = queue.take(); sent; sent = queue.take()) {
        if (sent.message.kind === 'send-mail') await sendMail(deps, sent.message);
      }
    },
    first: () => outbox.all()[0]!,
  };
}

let post: ReturnType<typeof openPost>;
beforeEach(() => {
  post = openPost();
});
const down = async (): Promise<Result<void>> => {
  throw new Error('the service does not answer');
};

describe('notify-publish-failure: a mail', () => {
  it('notify-publish-failure: goes to each address once, with ids and a link', async () => {
    await keepMails(post.deps, { ...notice, to: ['A@example.com', ' a@example.com', 'b@example.com'] });
    await post.deliver();
    expect(post.letters.map(({ to }) => to)).toEqual(['a@example.com', 'b@example.com']);
    expect(post.letters[0]).toMatchObject({
      subject: 'CUSTODY_GL: published',
      text: 'Reconciliation CUSTODY_GL (101) was published in version 3 by admin.user.\n\nhttps://tieout.example.com/breaks/api/admin/reconciliations/101\n',
    });
    expect(post.first()).toMatchObject({
      status: 'SENT',
      attempts: 1,
      sentAt: new Date(post.clock.now()).toISOString(),
    });
  });

  it('notify-publish-failure: the same event mails once, however often it is told of and its message comes', async () => {
    await keepMails(post.deps, notice);
    await keepMails(post.deps, notice);
    expect(post.queue.waiting).toHaveLength(2);
    await post.deliver();
    await keepMails(post.deps, notice);
    expect(post.queue.waiting).toHaveLength(0);
    await sendMail(post.deps, post.first());
    expect(post.letters).toHaveLength(1);
    await keepMails(post.deps, { ...notice, cause: 'published/rec-1/4' });
    await post.deliver();
    expect(post.letters).toHaveLength(2);
  });

  it('notify-publish-failure: two that send at once send one', async () => {
    await keepMails(post.deps, notice);
    const mail = post.first();
    await Promise.all([1, 2, 3].map(() => sendMail(post.deps, mail)));
    expect(post.letters).toHaveLength(1);
  });

  it('is tried again when the service does not answer', async () => {
    await keepMails(post.deps, notice);
    const mail = post.first();
    post.service(down);
    await expect(sendMail(post.deps, mail)).rejects.toThrow('does not answer');
    expect(post.first()).toMatchObject({ status: 'WAITING', attempts: 1 });
    post.service(async () => ok(undefined));
    await sendMail(post.deps, mail);
    expect(post.letters).toHaveLength(1);
  });

  it('is found by the sweep when its message was lost, and when its sender died', async () => {
    await keepMails(post.deps, notice);
    const mail = post.first();
    post.clock.advance(mailOverdueMs + 1);
    expect(await post.outbox.overdue(post.clock.now(), 10)).toEqual([{ tenant: 'acme', mailId: mail.mailId }]);
    // Somebody takes it and is gone.
    await post.outbox.save({ ...mail, status: 'SENDING', attempts: 1, busyUntil: post.clock.now() + mailLeaseMs });
    await sendMail(post.deps, mail);
    expect(post.letters).toHaveLength(0);
    expect(await post.outbox.overdue(post.clock.now(), 10)).toEqual([]);
    post.clock.advance(mailLeaseMs + 1);
    expect(await post.outbox.overdue(post.clock.now(), 10)).toHaveLength(1);
    await sendMail(post.deps, mail);
    expect(post.letters).toHaveLength(1);
  });

  it('MAIL_REFUSED: an address that the service refuses is not tried again, and an entry says so', async () => {
    post.service(async () => fail('MAIL_REFUSED', 'SES: MessageRejected: Address is on the suppression list'));
    await keepMails(post.deps, notice);
    await post.deliver();
    expect(post.first()).toMatchObject({ status: 'FAILED', reason: { code: 'MAIL_REFUSED' } });
    expect(post.activity.entries).toMatchObject([
      {
        eventType: 'NOTIFICATION_FAILED',
        details:
          'The mail "CUSTODY_GL: published" to recon-admins@example.com could not be sent: SES: MessageRejected: Address is on the suppression list',
      },
    ]);
    await sendMail(post.deps, post.first());
    expect(post.activity.entries).toHaveLength(1);
  });

  it('is given up when its queue gives it up, and after too many attempts', async () => {
    await keepMails(post.deps, notice);
    await failMail(post.deps, post.first());
    await failMail(post.deps, post.first());
    expect(post.first()).toMatchObject({ status: 'FAILED', reason: { code: 'ATTEMPTS_EXHAUSTED' } });
    expect(post.activity.entries).toHaveLength(1);
    await keepMails(post.deps, { ...notice, cause: 'another' });
    const second = post.outbox.all()[1]!;
    post.service(down);
    for (let attempt = 1; attempt <= mailAttemptsMax; attempt += 1) {
      await expect(sendMail(post.deps, second)).rejects.toThrow();
    }
    await sendMail(post.deps, second);
    expect(post.outbox.all()[1]).toMatchObject({ status: 'FAILED', reason: { code: 'ATTEMPTS_EXHAUSTED' } });
  });

  it('keeps a subject to one line', async () => {
    await keepMails(post.deps, { ...notice, subject: 'A\r\nBcc: everybody@example.com\tB' });
    expect(post.first().subject).toBe('A Bcc: everybody@example.com B');
  });

  it('where no sender is set it is an object that a person can read', async () => {
    const objects = createMemoryObjectStore();
    await keepMails(post.deps, notice);
    await sendMail({ ...post.deps, mailer: createObjectMailer(objects) }, post.first());
    const [key = ''] = objects.keys('outbox/');
    expect(key).toBe(`outbox/acme/${post.first().mailId}.txt`);
    expect(Buffer.from((await objects.get(key))!).toString()).toBe(
      'To: recon-admins@example.com\nSubject: CUSTODY_GL: published\n\nReconciliation CUSTODY_GL (101) was published in version 3 by admin.user.\n\nhttps://tieout.example.com/breaks/api/admin/reconciliations/101\n',
    );
  });
});
