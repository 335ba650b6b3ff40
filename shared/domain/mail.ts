// A mail to be sent once: kept before it is sent, so that nothing is lost when a process dies and nothing is said twice.
// It is plain text without values of records and without secrets: ids, and where to look.
export type MailRef = { tenant: string; mailId: string };

export type Mail = MailRef & {
  /** One address. */
  to: string;
  subject: string;
  text: string;
  /** Where it is looked at, from the base address of the surface. */
  path: string;
  /** WAITING → SENDING → SENT; SENDING → WAITING when sending failed, FAILED when it is given up. */
  status: 'WAITING' | 'SENDING' | 'SENT' | 'FAILED';
  /** Times that sending was begun. */
  attempts: number;
  /** Epoch ms: until then somebody else is at it, or its message is under way; afterwards the sweep asks again. */
  busyUntil: number;
  /** Why it FAILED. */
  reason?: { code: string; detail: string };
  createdAt: string;
  sentAt?: string;
  /** Raised by every change; writes are conditional on it. */
  version: number;
};

export const mailAttemptsMax = 8;
/** Longer than the function that sends may take: its holder is gone. */
export const mailLeaseMs = 240_000;
/** A message that was lost is missed after this. */
export const mailOverdueMs = 300_000;
