// The groups of a session: asked again after a quarter of an hour, kept for a while when nobody answers, never for good.
import { describe, expect, it } from 'vitest';
import { groupsFreshMs, groupsHeldMs, groupsRetryMs } from '../../../shared/app/identity/identify-by-directory.ts';
import { groupDn, openSignIn } from './surface.ts';

const janeDn = 'CN=analyst.jane,OU=Users,DC=corp,DC=example';

async function openSignedIn() {
  const surface = await openSignIn();
  const token = await surface.tokenOf('analyst.jane');
  surface.asked.length = 0;
  return { ...surface, token, jane: surface.people[0]! };
}

describe('auth-groups-are-dns: groups as the directory has them', () => {
  it('are not asked for within 15 minutes, and then once for 15 more', async () => {
    const { whoAmI, token, clock, asked } = await openSignedIn();
    clock.advance(groupsFreshMs - 1);
    await whoAmI(token);
    expect(asked).toEqual([]);
    clock.advance(1);
    for (const _ of [1, 2, 3]) expect((await whoAmI(token)).status).toBe(200);
    expect(asked).toEqual([`look up ${janeDn}`]);
    clock.advance(groupsFreshMs);
    await whoAmI(token);
    expect(asked).toHaveLength(2);
  });

  it('a change reaches the holder of a token within 15 minutes: groups, role and name', async () => {
    const { whoAmI, token, clock, jane } = await openSignedIn();
    jane.groups = [groupDn('RECON_ADMIN')];
    jane.displayName = 'Jane Admin';
    expect((await whoAmI(token)).body).toMatchObject({ role: 'user', name: 'Jane Analyst' });
    clock.advance(groupsFreshMs);
    expect((await whoAmI(token)).body).toMatchObject({
      role: 'admin',
      name: 'Jane Admin',
      groups: [groupDn('RECON_ADMIN')],
    });
    jane.groups = [];
    clock.advance(groupsFreshMs);
    expect((await whoAmI(token)).body).toMatchObject({ role: 'user', groups: [] });
  });

  it.each([
    ['closed', (jane: { closed?: boolean }) => void (jane.closed = true)],
    ['gone', (jane: { dn: string }) => void (jane.dn = 'CN=someone.else,DC=corp,DC=example')],
  ])('err-401: a person who is %s loses the session, and does not get it back', async (_what, change) => {
    const { whoAmI, token, clock, jane } = await openSignedIn();
    const before = { ...jane };
    change(jane);
    clock.advance(groupsFreshMs);
    expect((await whoAmI(token)).status).toBe(401);
    Object.assign(jane, { closed: false }, before);
    expect((await whoAmI(token)).status).toBe(401);
  });
});

describe('while the directory is away', () => {
  it('the old groups hold for an hour since its last answer, then the request waits for it; it is asked once a minute', async () => {
    const { whoAmI, token, clock, asked, setAway, faults, jane } = await openSignedIn();
    setAway(true);
    jane.groups = [];
    clock.advance(groupsFreshMs);
    for (const _ of [1, 2, 3]) expect((await whoAmI(token)).body.groups).toHaveLength(2);
    expect([asked.length, faults.length]).toEqual([1, 1]);
    clock.advance(groupsRetryMs - 1);
    await whoAmI(token);
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await whoAmI(token);
    expect(asked).toHaveLength(2);
    clock.advance(groupsHeldMs - groupsFreshMs - groupsRetryMs - 1);
    expect((await whoAmI(token)).status).toBe(200);
    clock.advance(1);
    expect(await whoAmI(token)).toMatchObject({ status: 503, body: { error: 'SERVICE_UNAVAILABLE' } });
    // The session is not lost: it goes on with what the directory says when it is back.
    setAway(false);
    clock.advance(groupsRetryMs);
    expect(await whoAmI(token)).toMatchObject({ status: 200, body: { groups: [] } });
    asked.length = 0;
    await whoAmI(token);
    expect(asked).toEqual([]);
  });
});

describe('two requests at once', () => {
  it('a late failure does not undo a fresh answer', async () => {
    const { deps, whoAmI, token, clock, jane } = await openSignedIn();
    clock.advance(groupsFreshMs);
    jane.groups = [groupDn('RECON_ADMIN')];
    const { lookUp } = deps.directory;
    let failLate: (error: Error) => void = () => undefined;
    deps.directory.lookUp = () => new Promise((_resolve, reject) => (failLate = reject));
    const slow = whoAmI(token);
    await new Promise((resolve) => setImmediate(resolve));
    deps.directory.lookUp = lookUp;
    expect((await whoAmI(token)).body.groups).toEqual([groupDn('RECON_ADMIN')]);
    failLate(new Error('timed out'));
    await slow;
    expect((await whoAmI(token)).body.groups).toEqual([groupDn('RECON_ADMIN')]);
  });

  it('a session that ends while the directory is asked stays ended', async () => {
    const { deps, whoAmI, call, token, clock } = await openSignedIn();
    clock.advance(groupsFreshMs - 1);
    const { lookUp } = deps.directory;
    deps.directory.lookUp = async (dn) => {
      clock.advance(-1);
      deps.directory.lookUp = lookUp;
      expect((await call('POST', '/api/auth/logout', { token })).status).toBe(200);
      return lookUp(dn);
    };
    clock.advance(1);
    expect((await whoAmI(token)).status).toBe(401);
    expect((await whoAmI(token)).status).toBe(401);
  });
});
