// Leave to download the workbook of one run once, through a plain link that can carry no header. Whoever holds it has the rights
// that its session has when it is used; what is stored of it cannot be turned back into one.
import type { SessionRef } from './session.ts';

export type ExportTicket = {
  /** SHA-256 of the ticket, hexadecimal. */
  hash: string;
  session: SessionRef;
  /** As the surface shows it. */
  runId: number;
  /** Epoch ms. */
  expiresAt: number;
};

/** From the click to the request of the window that it opened. */
export const ticketSeconds = 60;
