// The mailer of SES against the emulator's: what it sends, and which refusals stay ones.
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createSesMailer } from '../../../shared/adapters/ses/mailer.ts';
import { DependencyFault } from '../../../shared/domain/dependency-fault.ts';

const endpoint = inject('awsEndpoint');
const credentials = { accessKeyId: '123456789012', secretAccessKey: 'test' };
const client = new SESv2Client({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
const letter = {
  tenant: 'acme',
  mailId: 'm',
  to: 'recon-admins@example.com',
  subject: 'CUSTODY_GL: veröffentlicht',
  text: 'Reconciliation CUSTODY_GL (101) was published.\n\nhttps://tieout.example.com/api/admin/reconciliations/101\n',
};

async function sent(): Promise<unknown> {
  const reply = await fetch(`${endpoint}/_ministack/ses/messages?account=${credentials.accessKeyId}`);
  return reply.json();
}

beforeAll(async () => {
  await client.send(new CreateEmailIdentityCommand({ EmailIdentity: 'tieout@example.com' }));
  await client.send(new CreateEmailIdentityCommand({ EmailIdentity: letter.to }));
});

describe('notify-publish-failure: mail through SES', () => {
  it('notify-publish-failure: sends plain text from the sender to the one address', async () => {
    expect(await createSesMailer('tieout@example.com', client).send(letter)).toEqual({ ok: true, value: undefined });
    const text = JSON.stringify(await sent());
    for (const part of [
      'tieout@example.com',
      letter.to,
      letter.subject,
      'Reconciliation CUSTODY_GL (101) was published.',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('MAIL_REFUSED: what SES rejects is not tried again', async () => {
    const refused = await createSesMailer('stranger@example.org', client).send(letter);
    expect(refused).toMatchObject({
      ok: false,
      code: 'MAIL_REFUSED',
      detail: expect.stringContaining('MessageRejected'),
    });
  });

  it('a service that does not answer is a fault, which comes again', async () => {
    const nowhere = new SESv2Client({
      endpoint: 'http://127.0.0.1:9',
      region: 'eu-central-1',
      credentials,
      maxAttempts: 1,
    });
    await expect(createSesMailer('tieout@example.com', nowhere).send(letter)).rejects.toThrow(DependencyFault);
  });
});
