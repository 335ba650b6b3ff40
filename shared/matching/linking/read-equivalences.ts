// Reads groups of spellings that are the same thing from what a person wrote: JSON, a list of lists of texts, or CSV, a group on
// each line.
import papa from 'papaparse';

/** `fault` is a sentence without its subject. Spellings are trimmed, empty ones left out. */
export function readEquivalences(text: string): { groups: string[][] } | { fault: string } {
  const plain = text.replace(/^\uFEFF/, '');
  const read = /^\s*\[/.test(plain) ? jsonGroups(plain) : csvGroups(plain);
  if ('fault' in read) return read;
  const groups = read.groups.map((group) => group.map((one) => one.trim()).filter((one) => one !== ''));
  if (groups.length === 0) return { fault: 'holds no group of spellings' };
  const alone = groups.findIndex((group) => group.length < 2);
  if (alone >= 0) return { fault: `group ${alone + 1} has fewer than two spellings: '${groups[alone]!.join('')}'` };
  return { groups };
}

function jsonGroups(text: string): { groups: string[][] } | { fault: string } {
  let groups: unknown;
  try {
    groups = JSON.parse(text);
  } catch (error) {
    return { fault: `not JSON: ${(error as Error).message}` };
  }
  const isGroup = (group: unknown): group is string[] =>
    Array.isArray(group) && group.every((one) => typeof one === 'string');
  if (Array.isArray(groups) && groups.every(isGroup)) return { groups };
  return { fault: 'not a list of lists of texts, such as [["Bill", "William"]]' };
}

function csvGroups(text: string): { groups: string[][] } | { fault: string } {
  const { data, errors } = papa.parse<string[]>(text, {
    delimitersToGuess: [',', ';', '\t'],
    skipEmptyLines: 'greedy',
  });
  const fault = errors.find(({ type }) => type === 'Quotes');
  return fault ? { fault: `line ${(fault.row ?? 0) + 1}: ${fault.message}` } : { groups: data };
}
