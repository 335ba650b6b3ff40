// The elements and texts of an XML document, as it comes in pieces: what the parts of a workbook need, and no more. Prefixes
// of names are dropped. It checks nothing but what it needs, and refuses declarations of entities.

export type XmlHandler = {
  /** `attributes` as they are written: see `attributeOf`. An empty element is opened and closed. */
  open(name: string, attributes: string): void;
  close(name: string): void;
  /** A text may come in several pieces. */
  text(text: string): void;
};

/** No tag of a workbook is near this; one without an end would be looked for again and again. */
const tagCharactersMax = 1 << 20;
/** The longest entity is `&#x10FFFF;`. */
const entityCharactersMax = 10;

export class NotXmlError extends Error {}

export class XmlReader {
  private rest = '';
  /** What ends the comment, instruction or CDATA that was begun. */
  private until: '-->' | '?>' | ']]>' | undefined;
  private readonly handler: XmlHandler;

  constructor(handler: XmlHandler) {
    this.handler = handler;
  }

  push(piece: string): void {
    const text = this.rest + piece;
    let at = 0;
    for (;;) {
      if (this.until) {
        const end = text.indexOf(this.until, at);
        // The mark itself may come in two pieces.
        const stop = end < 0 ? Math.max(at, text.length - this.until.length + 1) : end;
        if (this.until === ']]>') this.handler.text(text.slice(at, stop));
        at = stop;
        if (end < 0) break;
        at += this.until.length;
        this.until = undefined;
      }
      const open = text.indexOf('<', at);
      if (open !== at) {
        const stop = open < 0 ? endOfWholeText(text, at) : open;
        if (stop > at) this.handler.text(decoded(text.slice(at, stop)));
        at = stop;
        if (open < 0) break;
      }
      const next = this.element(text, at);
      if (next < 0) break;
      at = next;
    }
    this.rest = text.slice(at);
  }

  /** Where to go on after the mark at `at`; -1 when it is not whole yet. */
  private element(text: string, at: number): number {
    if (text.length - at < 9 && '<![CDATA['.startsWith(text.slice(at))) return -1;
    if (text.startsWith('<!--', at)) return this.skip('-->', at + 4);
    if (text.startsWith('<?', at)) return this.skip('?>', at + 2);
    if (text.startsWith('<![CDATA[', at)) return this.skip(']]>', at + 9);
    if (text.startsWith('<!', at)) throw new NotXmlError('it declares what no workbook does');
    const end = endOfTag(text, at);
    if (end < 0) {
      if (text.length - at > tagCharactersMax) throw new NotXmlError('a tag has no end');
      return -1;
    }
    const isEnd = text.charCodeAt(at + 1) === 47;
    const isEmpty = !isEnd && text.charCodeAt(end - 1) === 47;
    const inside = text.slice(at + (isEnd ? 2 : 1), isEmpty ? end - 1 : end);
    const space = inside.search(/\s/);
    const fullName = space < 0 ? inside : inside.slice(0, space);
    const name = fullName.slice(fullName.indexOf(':') + 1);
    if (!isEnd) this.handler.open(name, space < 0 ? '' : inside.slice(space));
    if (isEnd || isEmpty) this.handler.close(name);
    return end + 1;
  }

  private skip(until: '-->' | '?>' | ']]>', from: number): number {
    this.until = until;
    return from;
  }
}

/** The `>` of the tag that begins at `at`, which may have others within its quotes. */
function endOfTag(text: string, at: number): number {
  let quote = 0;
  for (let index = at + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 62) return index;
    else if (code === 34 || code === 39) quote = code;
  }
  return -1;
}

/** An entity that is cut off waits for its other half. */
function endOfWholeText(text: string, from: number): number {
  const mark = text.lastIndexOf('&');
  return mark >= from && mark > text.length - entityCharactersMax && !text.includes(';', mark) ? mark : text.length;
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Entities replaced, line ends as XML has them. */
function decoded(text: string): string {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  if (!lines.includes('&')) return lines;
  return lines.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const patterns = new Map<string, RegExp>();

/** Of an attribute without regard to its prefix; undefined when it is not there. */
export function attributeOf(attributes: string, name: string): string | undefined {
  let pattern = patterns.get(name);
  if (!pattern) {
    pattern = new RegExp(`\\s(?:[\\w.-]+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`);
    patterns.set(name, pattern);
  }
  const found = pattern.exec(attributes);
  return found ? decoded(found[1] ?? found[2]!) : undefined;
}
