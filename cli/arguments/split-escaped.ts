// Splits an argument at its marks. A backslash before a mark, `=`, `~`, `@` or `\` makes that character part of a name;
// before anything else it is an ordinary character. Nothing is trimmed: spaces belong to names.

const escapable = new Set(['\\', '=', '~', '@']);

/** The parts between unescaped marks, still escaped; at most `partsMax`, the last one keeps further marks. */
export function splitEscaped(text: string, mark: '=' | '~' | '@', partsMax = Number.POSITIVE_INFINITY): string[] {
  const parts = [''];
  for (let i = 0; i < text.length; i += 1) {
    const [character, next] = [text[i]!, text[i + 1]];
    if (character === '\\' && next !== undefined && escapable.has(next)) {
      // Kept escaped: a part may be split again at another mark.
      parts[parts.length - 1] += character + next;
      i += 1;
    } else if (character === mark && parts.length < partsMax) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

export function unescapeName(text: string): string {
  return text.replace(/\\([\\=~@])/g, '$1');
}
