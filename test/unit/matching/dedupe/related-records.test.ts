// A file without duplicates whose records have much in common: articles of a few authors, goods of a few makers.
import { expect, test } from 'vitest';
import { linkRecords } from '../../../../shared/matching/linking/link-records.ts';
import { relationOf, type Values, withEngine } from '../linking/linking-engine.ts';

/** The generator of Numerical Recipes (Press et al., 1992, §7.1). */
function dice(): (sides: number) => number {
  let state = 7;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

function articles(count: number): Values[] {
  const roll = dice();
  const letters = [...'bdfgklmnprstvz'];
  const word = (number: number) =>
    [number % 14, (number >> 2) % 14, (number >> 4) % 14]
      .map((at, place) => `${letters[at]}${'aeiou'[(number + place) % 5]}`)
      .join('');
  return Array.from({ length: count }, () => {
    const author = roll(60);
    // Everybody writes about their own few things.
    const title = Array.from({ length: 6 }, (_, at) => word(at < 3 ? author * 7 + roll(5) : 500 + roll(1500)));
    return [
      title.join(' '),
      `${word(3000 + author)} ${word(4000 + author)}`,
      `Venue ${'ABCDE'[author % 5]}`,
      String(1990 + roll(12)),
    ];
  });
}

test('records that are related are not taken for the same, and it is said that no matches were seen', async () => {
  await withEngine(async (engine) => {
    const fields = ['title', 'author', 'venue', 'year'];
    await relationOf(engine, 'a', fields, articles(500));
    const { notes } = await linkRecords(engine, { left: 'a', fields: fields.map((name) => ({ name })) });
    const [found] = await engine.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM link_clusters');
    // Without it all of them are.
    expect(found!.n).toBeLessThan(60);
    expect(notes.join('\n')).toMatch(/differs in many values: records that are related, not the same/);
  });
});
