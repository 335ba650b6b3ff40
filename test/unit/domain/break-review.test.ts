// Who may move a break where: every status, with and without maker-checker, for every set of roles; and what a deed changes.
import { describe, expect, it, test } from 'vitest';
import type { Break, BreakStatus } from '../../../shared/domain/break.ts';
import { documentedGroups, isVisible, rolesOf } from '../../../shared/domain/break-access.ts';
import { afterDeed, allowedTransitions, judgeTransition } from '../../../shared/domain/break-review.ts';
import type { AccessRole } from '../../../shared/domain/graph/graph.ts';
import { breakItem } from '../../contract/ports/samples.ts';

const jane = 'CN=analyst.jane,OU=Users,DC=corp,DC=example';
const bob = 'CN=checker.bob,OU=Users,DC=corp,DC=example';
const reviewer = (dn: string, ...roles: AccessRole[]) => ({ dn, roles: new Set(roles) });
const of = (status: BreakStatus, submittedBy?: string): Break =>
  breakItem('1', 1, { status, ...(submittedBy !== undefined && { submittedBy }) });

describe('under maker-checker', () => {
  test.each([
    ['OPEN', undefined, reviewer(jane, 'MAKER', 'CHECKER'), ['PENDING_APPROVAL']],
    ['OPEN', undefined, reviewer(jane, 'MAKER'), ['PENDING_APPROVAL']],
    ['OPEN', undefined, reviewer(bob, 'CHECKER'), []],
    ['OPEN', undefined, reviewer(bob, 'VIEWER'), []],
    ['OPEN', undefined, reviewer(bob), []],
    ['PENDING_APPROVAL', jane, reviewer(bob, 'CHECKER'), ['CLOSED', 'OPEN']],
    ['PENDING_APPROVAL', jane, reviewer(bob, 'MAKER'), []],
    ['PENDING_APPROVAL', jane, reviewer(jane, 'MAKER', 'CHECKER'), ['OPEN']],
    ['CLOSED', jane, reviewer(bob, 'CHECKER'), ['OPEN']],
    ['CLOSED', jane, reviewer(jane, 'MAKER'), []],
  ] as const)(
    'break-open-transitions, break-transitions-per-caller: %s of %s for %o',
    (status, submittedBy, who, expected) => {
      expect(allowedTransitions(of(status, submittedBy), true, who)).toEqual(expected);
    },
  );

  test.each([
    'CN=analyst.jane,OU=Users,DC=corp,DC=example',
    'cn=Analyst.Jane,ou=users,dc=CORP,dc=example',
    'CN = analyst.jane , OU = Users , DC=corp,DC=example',
    'commonName=analyst.jane,OU=Users,DC=corp,DC=example',
    'CN=analyst\\2Ejane,OU=Users,DC=corp,DC=example',
    '2.5.4.3=analyst.jane,OU=Users,DC=corp,DC=example',
    'CN=#0C0C616E616C7973742E6A616E65,OU=Users,DC=corp,DC=example',
  ])('break-maker-checker: the submitter is nobody’s checker by writing their name as %s', (spelling) => {
    const self = reviewer(spelling, 'MAKER', 'CHECKER');
    expect(judgeTransition(of('PENDING_APPROVAL', jane), 'CLOSED', true, self)).toMatchObject({
      code: 'SELF_APPROVAL',
    });
    expect(judgeTransition(of('PENDING_APPROVAL', spelling), 'CLOSED', true, reviewer(jane, 'CHECKER'))).toMatchObject({
      code: 'SELF_APPROVAL',
    });
  });

  test('break-maker-checker: who cannot be told from the submitter approves nothing', () => {
    for (const [submitter, who] of [
      [undefined, bob],
      ['no name', bob],
      [jane, 'no name'],
    ] as const) {
      const judged = judgeTransition(of('PENDING_APPROVAL', submitter), 'CLOSED', true, reviewer(who, 'CHECKER'));
      expect(judged).toMatchObject({ code: 'SELF_APPROVAL' });
    }
  });

  test.each([
    ['OPEN', 'CLOSED', reviewer(bob, 'CHECKER'), 'BREAK_TRANSITION_INVALID'],
    ['OPEN', 'CLOSED', reviewer(bob, 'VIEWER'), 'FORBIDDEN'],
    ['OPEN', 'PENDING_APPROVAL', reviewer(bob, 'CHECKER'), 'FORBIDDEN'],
    ['OPEN', 'OPEN', reviewer(bob, 'CHECKER'), 'BREAK_STATUS_UNCHANGED'],
    ['PENDING_APPROVAL', 'CLOSED', reviewer(bob, 'MAKER'), 'FORBIDDEN'],
    ['CLOSED', 'CLOSED', reviewer(bob, 'CHECKER'), 'BREAK_STATUS_UNCHANGED'],
    ['CLOSED', 'PENDING_APPROVAL', reviewer(jane, 'MAKER'), 'BREAK_TRANSITION_INVALID'],
    ['CLOSED', 'OPEN', reviewer(jane, 'MAKER'), 'FORBIDDEN'],
  ] as const)('break-transition-targets: %s to %s for %o is refused as it should', (status, to, who, code) => {
    expect(judgeTransition(of(status, jane), to, true, who)).toMatchObject({ ok: false, code });
  });
});

describe('without maker-checker', () => {
  test.each([
    ['OPEN', reviewer(jane, 'MAKER'), ['CLOSED']],
    ['OPEN', reviewer(jane, 'CHECKER'), ['CLOSED']],
    ['OPEN', reviewer(jane, 'VIEWER'), []],
    ['PENDING_APPROVAL', reviewer(jane, 'MAKER'), ['CLOSED', 'OPEN']],
    ['CLOSED', reviewer(jane, 'MAKER'), ['OPEN']],
  ] as const)('break-transitions-per-caller: %s for %o', (status, who, expected) => {
    expect(allowedTransitions(of(status, jane), false, who)).toEqual(expected);
  });
});

test('a break that is no longer in the data is moved by nobody', () => {
  const gone = { ...of('CLOSED', jane), goneRunNumber: 3 };
  for (const makerChecker of [true, false]) {
    expect(allowedTransitions(gone, makerChecker, reviewer(bob, 'CHECKER', 'MAKER'))).toEqual([]);
    expect(judgeTransition(gone, 'OPEN', makerChecker, reviewer(bob, 'CHECKER'))).toMatchObject({ code: 'BREAK_GONE' });
  }
});

describe('a deed', () => {
  const at = '2026-01-05T09:00:00.000Z';
  const act = (item: Break, deed: object, actorDn = jane) => afterDeed(item, { at, actorDn, action: 'A', ...deed });

  it('submits, approves, and opens again: who did what stays in the history alone', () => {
    const submitted = act(of('OPEN'), { status: 'PENDING_APPROVAL', comment: { id: 7, text: 'see' } });
    expect(submitted.break).toMatchObject({ status: 'PENDING_APPROVAL', submittedBy: jane, entries: 1, version: 2 });
    expect(submitted.entry).toEqual({
      number: 1,
      at,
      actorDn: jane,
      action: 'A',
      id: 7,
      comment: 'see',
      status: { from: 'OPEN', to: 'PENDING_APPROVAL' },
    });
    const closed = act(submitted.break, { status: 'CLOSED' }, bob);
    expect(closed.break).toMatchObject({
      status: 'CLOSED',
      submittedBy: jane,
      closedBy: bob,
      closedAt: at,
      entries: 2,
    });
    const again = act(closed.break, { status: 'OPEN' }, bob).break;
    expect(again).toEqual({ ...of('OPEN'), entries: 3, version: 4 });
  });

  it('assigns and takes away', () => {
    const assigned = act(of('OPEN'), { assignee: { dn: bob, name: 'Bob' }, reasonCode: 'TIMING' });
    expect(assigned.break).toMatchObject({ status: 'OPEN', assignee: { dn: bob, name: 'Bob' }, reasonCode: 'TIMING' });
    const none = act(assigned.break, { assignee: null, reasonCode: null });
    expect(none.break).toEqual({ ...of('OPEN'), entries: 2, version: 3 });
    expect(none.entry).toMatchObject({ assignee: { from: bob, to: null }, reasonCode: { from: 'TIMING', to: null } });
  });
});

describe('roles', () => {
  const group = (name: string) => `CN=${name},OU=Groups,DC=corp,DC=example`;
  const defined = (...entries: [string, AccessRole][]) => ({
    status: 'PUBLISHED' as const,
    graph: { accessControlEntries: entries.map(([ldapGroupDn, role]) => ({ ldapGroupDn, role })) } as never,
  });
  const caller = (...groups: string[]) => ({ role: 'user' as const, groups });
  const roles = (who: ReturnType<typeof caller>, what: ReturnType<typeof defined>) =>
    [...rolesOf(who, what, documentedGroups)].sort();

  test.each([
    ['by an entry', caller(group('OPS')), defined([group('OPS'), 'MAKER']), ['MAKER']],
    [
      'by an entry in another spelling',
      caller('cn=ops, ou=GROUPS,dc=corp,dc=example'),
      defined([group('OPS'), 'MAKER']),
      ['MAKER'],
    ],
    [
      'by two entries',
      caller(group('A'), group('B')),
      defined([group('A'), 'MAKER'], [group('B'), 'CHECKER']),
      ['CHECKER', 'MAKER'],
    ],
    ['not of a group of the same first name', caller('CN=OPS,DC=evil'), defined([group('OPS'), 'MAKER']), []],
    [
      'not by the preparers where there are entries',
      caller(group('RECON_PREPARERS')),
      defined([group('OPS'), 'MAKER']),
      [],
    ],
    ['by the preparers where there are none', caller(group('RECON_PREPARERS')), defined(), ['MAKER']],
    ['by the approvers where there are none', caller(group('Recon_Approvers')), defined(), ['CHECKER']],
    ['none', caller(), defined(), []],
  ] as const)('break-maker-checker: %s', (_name, who, what, expected) => {
    expect(roles(who as never, what)).toEqual(expected);
    expect(isVisible(who as never, what, documentedGroups)).toBe(expected.length > 0);
  });

  test('recon-visibility: an administrator sees everything and is neither maker nor checker by it', () => {
    const admin = { role: 'admin' as const, groups: [group('RECON_ADMIN')] };
    expect(roles(admin as never, defined())).toEqual([]);
    for (const status of ['DRAFT', 'PUBLISHED', 'RETIRED'] as const) {
      expect(isVisible(admin, { ...defined(), status }, documentedGroups)).toBe(true);
      expect(isVisible(caller(group('RECON_PREPARERS')), { ...defined(), status }, documentedGroups)).toBe(
        status === 'PUBLISHED',
      );
    }
  });
});
