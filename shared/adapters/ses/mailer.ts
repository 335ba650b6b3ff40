// Sends mail through SES from one verified sender, as plain text. Addresses and subjects are fields of the request, never
// headers put together here.
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { fail, ok } from '../../domain/result.ts';
import type { Mailer } from '../../ports/mailer.ts';
import { dependency } from '../dependency-fault.ts';

export function createSesMailer(sender: string, client: SESv2Client = new SESv2Client({})): Mailer {
  return {
    send({ to, subject, text }) {
      return dependency('SES', async () => {
        try {
          await client.send(
            new SendEmailCommand({
              FromEmailAddress: sender,
              Destination: { ToAddresses: [to] },
              Content: { Simple: { Subject: utf8(subject), Body: { Text: utf8(text) } } },
            }),
          );
          return ok(undefined);
        } catch (error) {
          const { name, message } = error as Error;
          if (refusals.has(name)) return fail('MAIL_REFUSED', `SES: ${name}: ${message}`);
          throw error;
        }
      });
    },
  };
}

function utf8(text: string) {
  return { Data: text, Charset: 'UTF-8' };
}

/** About this address or content. A sender that is not verified, or an account that is paused, is put right by a person. */
const refusals = new Set(['MessageRejected', 'BadRequestException']);
