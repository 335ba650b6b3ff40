// `tieout backtest --confirmed` from outside: confirmed matches hold or fail it, and a file that does not fit is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { files, type Lab, left, openLab } from './backtest-lab.ts';

let place: Lab;
beforeAll(() => {
  place = openLab();
}, 60_000);
afterAll(() => place.remove());

describe('confirmed matches', () => {
  const confirmed = (name: string, content: string) => {
    place.write(name, content);
    return place.report('wide.json', 'tight.json', ...files, '--confirmed', name);
  };

  test('those that NEW keeps do not fail, whatever else is lost', () => {
    const { code, report: found } = confirmed('kept.csv', 'left_row,right_row\n1,1\n4,4\n');
    expect(code).toBe(0);
    expect(found.matches.lost).toBe(1);
    expect(found.confirmed).toMatchObject({ matches: 2, kept: 2, lost: 0, inOld: 2, first: [] });
  });

  test('those that NEW loses or changes are listed and fail, unless allowed', () => {
    const { code, report: found } = confirmed('lost.csv', 'left_row,right_row,note\n5,5,x\n6,6,y\n1,1,z\n');
    expect(code).toBe(1);
    expect(found.confirmed).toMatchObject({ matches: 3, kept: 1, lost: 1, nowMismatched: 1, inOld: 3 });
    expect(found.confirmed!.first.map(({ key, verdict }) => [key, verdict])).toEqual([
      [['A5'], 'lost'],
      [['A6'], 'now_mismatched'],
    ]);
    const code2 = (allow: string) =>
      place.run('backtest', 'wide.json', 'tight.json', ...files, '--confirmed', 'lost.csv', '--allow-lost', allow).code;
    expect(['1', '2', 'all'].map(code2)).toEqual([1, 0, 0]);
  });

  test('by keys; one that neither definition finds is not kept', () => {
    const { code, report: found } = confirmed('keys.csv', 'left_key,right_key\nA4,X4\nA1,X5\n');
    expect(code).toBe(1);
    expect(found.confirmed).toMatchObject({ matches: 2, kept: 1, rematched: 1, inOld: 1 });
  });

  test.each(['csv', 'json', 'parquet', 'xlsx'])('the matches of a former run, as %s', (format) => {
    place.run('match', ...files, '--definition', 'wide.json', '--out', `run-${format}`, '--format', format);
    const { code, report: found } = place.report(
      'wide.json',
      'wide.json',
      ...files,
      '--confirmed',
      `run-${format}/matches.${format}`,
    );
    expect(code).toBe(0);
    expect(found.confirmed).toMatchObject({ matches: 5, kept: 5 });
  });

  test('a group by its id is one match', () => {
    const { report: found } = confirmed('groups.csv', 'left_row,right_row,group_id\n1,1,g\n1,2,g\n4,4,\n');
    expect(found.confirmed).toMatchObject({ matches: 2, kept: 1, rematched: 1 });
  });

  test.each([
    ['a row beyond the file', 'left_row,right_row\n1,1\n5,99\n', /row 2: right_row 99 is beyond/],
    ['no row number', 'left_row,right_row\nx,1\n', /row 1: left_row x is not a row number/],
    ['row 0', 'left_row,right_row\n0,1\n', /left_row 0 is not a row number/],
    ['half a pair', 'left_row,right_row\n1,1\n5,\n', /row 2: left_row and right_row are needed/],
    ['an unknown key', 'left_key,right_key\nA1,A9\n', /row 1: no record has the right_key A9/],
    ['other columns', 'a,b\n1,2\n', /neither the columns left_row and right_row nor left_key and right_key/],
    ['a header alone', 'left_row,right_row\n', /no rows/],
    ['nothing', '', /empty/],
  ])('%s is refused (CONFIRMED_INVALID, FILE_EMPTY)', (_, content, message) => {
    place.write('bad.csv', content);
    expect(place.refused('wide.json', 'tight.json', ...files, '--confirmed', 'bad.csv').stderr).toMatch(message);
  });

  test('a key of several records names none', () => {
    place.write('twice.csv', `${left}A1,10.00,2024-01-01\n`);
    place.write('keys-1.csv', 'left_key,right_key\nA1,A1\n');
    expect(
      place.refused('wide.json', 'tight.json', 'twice.csv', 'right.csv', '--confirmed', 'keys-1.csv').stderr,
    ).toMatch(/2 records have the left_key A1: give left_row and right_row/);
  });
});
