// Numbers of rows for a person, who reads no more than a line of them.

const shownMax = 20;

/** `records`: how many there are, where `rows` are the first of them. */
export function rowsText(rows: number[], records = rows.length): string {
  const shown = rows.slice(0, shownMax);
  const more = records - shown.length;
  return `row${records > 1 ? 's' : ''} ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
