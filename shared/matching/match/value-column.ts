// Names of the columns in breaks and results that hold a field's value on one side.

export type Side = 'left' | 'right';

/** `left_amount`; a field `row` (or `Row_`, …) gets one underscore more, because `left_row` is the row reference. */
export function valueColumn(side: Side, field: string): string {
  return `${side}_${field}${/^row_*$/i.test(field) ? '_' : ''}`;
}

/** The field of a value column; undefined for any other column. */
export function fieldOfColumn(side: Side, column: string): string | undefined {
  if (!column.startsWith(`${side}_`) || column === `${side}_row`) return undefined;
  const name = column.slice(side.length + 1);
  return /^row_+$/i.test(name) ? name.slice(0, -1) : name;
}
