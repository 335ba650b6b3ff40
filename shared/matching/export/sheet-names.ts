// Names of sheets as Excel takes them: without its forbidden characters, at most 31 long, none twice whatever the letter case.

/** UTF-16 units, as the file format counts. */
const lengthMax = 31;

/** Gives for each title asked a name that is safe and was not given before. */
export function createSheetNames(): (title: string) => string {
  const given = new Set<string>();
  return (title) => {
    const safe = safeName(title);
    for (let number = 1; ; number += 1) {
      const ending = number === 1 ? '' : ` (${number})`;
      const name = `${cut(safe, lengthMax - ending.length)}${ending}`;
      if (given.has(name.toLowerCase())) continue;
      given.add(name.toLowerCase());
      return name;
    }
  };
}

function safeName(title: string): string {
  const plain = title
    .toWellFormed()
    .replace(/[\\/?*[\]:\p{Cc}]/gu, ' ')
    .trim()
    .replace(/^'+|'+$/g, '')
    .trim();
  // Excel keeps "History" for itself.
  return plain === '' || plain.toLowerCase() === 'history' ? `Sheet ${plain}`.trim() : plain;
}

/** Never through the middle of a character, and not ending with what a name may not end with. */
function cut(name: string, length: number): string {
  const short = name.slice(0, length);
  return (short.isWellFormed() ? short : short.slice(0, -1)).replace(/[' ]+$/, '');
}
