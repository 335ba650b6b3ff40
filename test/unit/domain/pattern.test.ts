// Regular expressions as definitions may hold them.
import { expect, test } from 'vitest';
import { countGroups, patternFault } from '../../../shared/domain/pattern.ts';

test.each([
  ['a(b)c', 1],
  ['a(?:b)(?i)(c)', 1],
  ['(?P<year>\\d+)-(?<month>\\d+)', 2],
  ['\\(x\\)[(](y)', 1],
])('%s has %i groups', (pattern, groups) => {
  expect(countGroups(pattern)).toBe(groups);
});

test.each([
  ['^INV-(\\d{4,6})$', undefined],
  ['(?i)paid', undefined],
  ['(?P<id>x)', undefined],
  ['(a)\\1', /back-references/],
  ['(?<!a)b', /look-behind/],
  ['a{999}{999}', /repeat/],
  ['[a', /regular expression/],
  ['x'.repeat(1001), /1000 characters/],
])('the pattern %s', (pattern, fault) => {
  if (fault) expect(patternFault(pattern)).toMatch(fault);
  else expect(patternFault(pattern)).toBeUndefined();
});
