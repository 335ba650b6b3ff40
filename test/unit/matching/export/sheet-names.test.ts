// Names of sheets: whatever the titles are, Excel takes them, and none is there twice.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsOfTitle } from '../../../../shared/domain/graph/check-report-templates.ts';
import { createSheetNames } from '../../../../shared/matching/export/sheet-names.ts';

describe('names of sheets', () => {
  it.each<[string[], string[]]>([
    [
      ['Breaks', 'Matched'],
      ['Breaks', 'Matched'],
    ],
    [
      ['Breaks', 'breaks', 'BREAKS'],
      ['Breaks', 'breaks (2)', 'BREAKS (3)'],
    ],
    [
      ['Breaks', 'Breaks (2)', 'Breaks'],
      ['Breaks', 'Breaks (2)', 'Breaks (3)'],
    ],
    [
      ['a/b', 'a:b'],
      ['a b', 'a b (2)'],
    ],
    [
      ['', '  ', 'History'],
      ['Sheet', 'Sheet (2)', 'Sheet History'],
    ],
    [
      ["'a'", "o'neil"],
      ['a', "o'neil"],
    ],
    [
      ['x'.repeat(40), 'x'.repeat(40)],
      ['x'.repeat(31), `${'x'.repeat(27)} (2)`],
    ],
    [[`${'x'.repeat(30)}😀`], ['x'.repeat(30)]],
  ])('%j become %j', (titles, names) => {
    const nameOf = createSheetNames();
    expect(titles.map(nameOf)).toEqual(names);
  });

  it('holds for any titles', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 20 }), (titles) => {
        const nameOf = createSheetNames();
        const names = titles.map(nameOf);
        expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(titles.length);
        for (const name of names) expect(faultsOfTitle(name), name).toEqual([]);
      }),
    );
  });
});
