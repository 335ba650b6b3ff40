// The id of a result holds the row references of its records: `<outcome>:<left row>:<right row>`, and of a group with several legs its source.

export type NamedRows = { left: number | null; right: number | null; source?: string };

/** Undefined where the text is the id of no result. */
export function readResultId(resultId: string): NamedRows | undefined {
  const [, left = '', right = '', source] = /^[a-z]+:(\d{0,16}):(\d{0,16})(?::(.+))?$/s.exec(resultId) ?? [];
  if (left === '' && right === '') return undefined;
  const number = (text: string): number | null => (text === '' ? null : Number(text));
  return { left: number(left), right: number(right), ...(source !== undefined && { source }) };
}

export function isMatchId(resultId: string): boolean {
  return resultId.startsWith('matched:');
}
