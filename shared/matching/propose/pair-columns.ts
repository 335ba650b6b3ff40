// Pairs the columns of two headers by their names alone: `Value Date`, `value_date` and `VALUEDATE` are one name.

export type PairedColumn = { left: string; right: string; by: 'name' | 'values' | 'given' };

/** Letters and digits of any script, in lower case. */
export function plainName(column: string): string {
  return column
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** In the order of the left header. A name that is in one header more than once, or that is empty, pairs with nothing. */
export function pairColumnsByName(left: string[], right: string[]): PairedColumn[] {
  const [leftOnce, rightOnce] = [onceByPlainName(left), onceByPlainName(right)];
  return [...leftOnce].flatMap(([name, column]): PairedColumn[] => {
    const other = rightOnce.get(name);
    return other === undefined ? [] : [{ left: column, right: other, by: 'name' }];
  });
}

function onceByPlainName(columns: string[]): Map<string, string> {
  const names = columns.map(plainName);
  return new Map(
    columns.flatMap((column, index): [string, string][] => {
      const name = names[index]!;
      return name !== '' && names.indexOf(name) === names.lastIndexOf(name) ? [[name, column]] : [];
    }),
  );
}
