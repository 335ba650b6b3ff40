// The candidates of a break as SQL over its `explanation`, cut to what a person looks at: a suggested group can have a
// million records, and each of them lists the others.

/** As of `explanationSql`. Of a file from before there were candidates the column is absent, or null. */
export function boundedCandidates(explanation: string, placed: (row: string) => string): string {
  const form = `'{"candidates":[{"source":"VARCHAR","pass":"VARCHAR","kind":"VARCHAR","rows":["BIGINT"],"key":"VARCHAR","cost":"BIGINT","failed":["VARCHAR"]}]}'`;
  const candidate = `{source: c.source, pass: c.pass, kind: c.kind, rows: list_transform(c.rows[:${rowsMax}], lambda x: ${placed('x')}),
    records: len(c.rows), key: replace(c.key, chr(31), ' | '), cost: c.cost, failed: c.failed}`;
  return `list_transform(from_json(${explanation}, ${form}).candidates[:${candidatesMax}], lambda c: ${candidate})`;
}

const candidatesMax = 5;
const rowsMax = 10;
