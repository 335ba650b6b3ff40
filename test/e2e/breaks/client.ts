// Calls to the break management surface as a client makes them.

// biome-ignore lint/suspicious/noExplicitAny: a body is whatever came over the wire; tests look into it freely.
export type Reply = { status: number; headers: Headers; body: any };

export type SignedIn = { token: string; displayName: string; groups: string[] };

export async function login(base: string, username: string, password: string): Promise<SignedIn> {
  const reply = await fetch(`${base}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  if (reply.status !== 200) throw new Error(`${username} cannot sign in: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as SignedIn;
}

export async function call(
  base: string,
  { token }: { token: string },
  method: string,
  path: string,
  json?: unknown,
): Promise<Reply> {
  const reply = await fetch(path.startsWith('http') ? path : `${base}${path}`, {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) };
}
