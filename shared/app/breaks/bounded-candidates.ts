// The candidates of a break as SQL over its `explanation`, cut to what a person looks at: a suggested group can have a
// million records.

/**
 * A list of structs like `BreakCandidate`, with `evidenced` also `probability` and `evidence`; null where there is no explanation. `placed` gives what stands in place of a row
 * reference. The parameters have names that no table has: DuckDB would take a table `c` for a parameter `c`.
 */
export function boundedCandidates(
  explanation: string,
  placed: (reference: string) => string,
  evidenced = false,
): string {
  const form = `'{"candidates":[{"source":"VARCHAR","pass":"VARCHAR","kind":"VARCHAR","rows":["BIGINT"],"records":"BIGINT","key":"VARCHAR","cost":"BIGINT","failed":["VARCHAR"]${evidenced ? ',"probability":"DOUBLE","evidence":"JSON"' : ''}}]}'`;
  const of = (field: string) => `one_candidate.${field}`;
  const candidate = `{source: ${of('source')}, pass: ${of('pass')}, kind: ${of('kind')},
    rows: list_transform(${of('rows')}[:${rowsMax}], lambda one_reference: ${placed('one_reference')}), records: ${of('records')},
    key: replace(${of('key')}, chr(31), ' | '), cost: ${of('cost')}, failed: ${of('failed')}${evidenced ? `, probability: ${of('probability')}, evidence: ${of('evidence')}` : ''}}`;
  return `list_transform(from_json(${explanation}, ${form}).candidates[:${candidatesMax}], lambda one_candidate: ${candidate})`;
}

const candidatesMax = 5;
const rowsMax = 10;
