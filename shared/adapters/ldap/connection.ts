// One connection to the directory server, for one sign-in or look-up. It is made once: a client that silently connected
// again would send a password where no TLS is. It ends when its work ends, or when its time is over.
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Client } from 'ldapts';
import type { LdapSettings } from './settings.ts';

export async function withConnection<T>(settings: LdapSettings, work: (client: Client) => Promise<T>): Promise<T> {
  const { url, connectTimeoutMs, operationTimeoutMs } = settings;
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isSecure = protocol === 'ldaps:';
  const tls: ConnectionOptions = {
    ...(settings.ca !== undefined && { ca: settings.ca }),
    minVersion: 'TLSv1.2',
    // The name that the certificate must have; an address has no place in the greeting (RFC 6066 §3).
    host,
    ...(isIP(host) === 0 && { servername: host }),
  };
  let socket: Socket | undefined;
  const once = (open: () => Socket): Socket => {
    if (socket) throw new Error('the connection to the directory server was lost');
    socket = open();
    return socket;
  };
  const client = new Client({
    url,
    timeout: operationTimeoutMs,
    connectTimeout: connectTimeoutMs,
    // Given for ldap:// too, these would make the client speak TLS from the first byte.
    ...(isSecure && { tlsOptions: tls }),
    createConnection: ((port: number) => once(() => connect(port, host))) as typeof connect,
    ...(isSecure && {
      createSecureConnection: ((port: number) =>
        once(() => connectTls({ ...tls, port }))) as unknown as typeof connectTls,
    }),
  });
  const connected = async () => {
    if (!isSecure && settings.startTls) await client.startTLS(tls);
    return work(client);
  };
  try {
    return await within(settings.totalTimeoutMs, connected());
  } finally {
    // The server hears of the end where it still listens; the socket goes either way.
    if (socket && !socket.destroyed) await within(unbindMs, client.unbind()).catch(() => undefined);
    socket?.destroy();
  }
}
const unbindMs = 200;

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  // What it does after its time is over interests nobody.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
