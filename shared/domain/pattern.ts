// Regular expressions as definitions may hold them: RE2, which runs in linear time. Checked without running any.

/** A pattern compiles to memory in proportion to its length and repetitions. */
const patternLengthMax = 1000;
const repeatsMax = 1000;

/** Why the pattern cannot be used; what RE2 does not have is refused in words. */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > patternLengthMax) return `must have at most ${patternLengthMax} characters`;
  if (pattern.includes('\0')) return 'must not hold NUL';
  if (/\(\?<?[=!]/.test(pattern)) return 'look-ahead and look-behind are not supported';
  if (/(^|[^\\])(\\\\)*\\[1-9k]/.test(pattern)) return 'back-references are not supported';
  // Nested repetitions multiply.
  const repeats = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].map((match) => Number(match[2] || match[1]));
  if (repeats.reduce((product, count) => product * Math.max(count, 1), 1) > repeatsMax) {
    return `must not repeat more than ${repeatsMax} times`;
  }
  try {
    // RE2 names groups (?P<name>) and takes flags in front; JavaScript does neither.
    new RegExp(pattern.replaceAll('(?P<', '(?<').replace(/^\(\?[imsU]+\)/, ''));
  } catch (error) {
    return `is no regular expression: ${String((error as Error).message).replace(/^Invalid regular expression: /, '')}`;
  }
  return undefined;
}

/** Capture groups of a regular expression, named ones too. */
export function countGroups(pattern: string): number {
  let groups = 0;
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at++;
    else if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if (character === '(' && (pattern[at + 1] !== '?' || /^\?P?<[A-Za-z_]/.test(pattern.slice(at + 1)))) groups++;
  }
  return groups;
}
