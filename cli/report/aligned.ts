// Lines up cells in columns by what a terminal shows: wide characters count two, combining marks none.

/** Columns named in `right` are flush right. Lines have no spaces at their end. */
export function aligned(rows: string[][], right: number[], indent = '  '): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => shownWidth(row[column] ?? ''))));
  return rows.map((row) =>
    `${indent}${row
      .map((cell, column) => {
        const gap = ' '.repeat(Math.max(0, widths[column]! - shownWidth(cell)));
        return right.includes(column) ? gap + cell : cell + gap;
      })
      .join('  ')}`.trimEnd(),
  );
}

export function shownWidth(text: string): number {
  let width = 0;
  for (const character of text.normalize('NFC')) {
    if (/\p{M}|\p{Cf}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

/** `1,234,567`: the digits of an integer or a decimal as text, grouped; nothing is rounded. */
export function grouped(number: number | string): string {
  const [whole = '', fraction] = String(number).split('.');
  const digits = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}
