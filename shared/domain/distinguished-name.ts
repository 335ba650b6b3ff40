// Names of a directory (RFC 4514) and when two of them are the same. It reads what a directory or a person wrote and asks no
// directory. Two spellings that it cannot prove equal are different.

type Attribute = { type: string; value: string };
/** The attributes of a relative name, usually one; the order of several means nothing. */
type RelativeName = Attribute[];

/**
 * The one spelling that all spellings of a name share: types in lower case by their short name, values without regard to
 * case and repeated spaces, the attributes of a relative name in order. Undefined when the text is no name.
 */
export function canonicalName(text: string): string | undefined {
  return parse(text)?.map(canonicalRelative).join(',');
}

/** Whether two texts name the same entry. */
export function isSameName(one: string, other: string): boolean {
  const canonical = canonicalName(one);
  return canonical !== undefined && canonical === canonicalName(other);
}

/** Whether a group is the one that was set: by its full name, or, where only `CN=…` was set, by the first part of it. */
export function isGroup(wanted: string, group: string): boolean {
  const [wantedName, groupName] = [parse(wanted), parse(group)];
  if (!wantedName?.length || !groupName?.length) return false;
  const compared = wantedName.length === 1 ? groupName.slice(0, 1) : groupName;
  return wantedName.map(canonicalRelative).join(',') === compared.map(canonicalRelative).join(',');
}

/** Without regard to case, width, composition and repeated spaces, as directories compare names of people and groups. */
export function canonicalText(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC').replace(/\s+/gu, ' ').trim();
}

function canonicalRelative(attributes: RelativeName): string {
  return attributes
    .map(({ type, value }) => `${type}=${escaped(canonicalText(value))}`)
    .sort()
    .join('+');
}

function escaped(value: string): string {
  return value.replace(/[\\,;+="<>]|^#/g, '\\$&').replaceAll('\0', '\\00');
}

/** Types that a name may be written with in more than one way: RFC 4514 §3 and RFC 4519, and what certificates add. */
const shortNames: Record<string, string> = {
  '2.5.4.3': 'cn',
  commonname: 'cn',
  '2.5.4.4': 'sn',
  surname: 'sn',
  '2.5.4.6': 'c',
  countryname: 'c',
  '2.5.4.7': 'l',
  localityname: 'l',
  '2.5.4.8': 'st',
  s: 'st',
  stateorprovincename: 'st',
  '2.5.4.9': 'street',
  streetaddress: 'street',
  '2.5.4.10': 'o',
  organizationname: 'o',
  '2.5.4.11': 'ou',
  organizationalunitname: 'ou',
  '0.9.2342.19200300.100.1.1': 'uid',
  userid: 'uid',
  '0.9.2342.19200300.100.1.25': 'dc',
  domaincomponent: 'dc',
  '1.2.840.113549.1.9.1': 'emailaddress',
  e: 'emailaddress',
  email: 'emailaddress',
};

/** More than any directory has; a longer text is not looked at. */
const charactersMax = 8_192;

function parse(text: string): RelativeName[] | undefined {
  if (text.length > charactersMax) return undefined;
  const reader = new NameReader(text);
  const names: RelativeName[] = [];
  if (reader.isAtEnd()) return undefined;
  for (;;) {
    const attributes: RelativeName = [];
    let separator: string | undefined;
    do {
      const attribute = reader.attribute();
      if (!attribute) return undefined;
      attributes.push(attribute);
      separator = reader.separator();
    } while (separator === '+');
    names.push(attributes);
    if (separator === undefined) return reader.isAtEnd() ? names : undefined;
  }
}

class NameReader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  isAtEnd(): boolean {
    this.take(/\s*/y);
    return this.at === this.text.length;
  }

  /** `;` parted names before RFC 4514 and must still be read. */
  separator(): string | undefined {
    return this.take(/[,;+]/y)?.replace(';', ',');
  }

  attribute(): Attribute | undefined {
    const type = this.take(/\s*(?:oid\.)?(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)\s*=\s*/iy);
    if (type === undefined) return undefined;
    const written = type
      .replace('=', '')
      .trim()
      .toLowerCase()
      .replace(/^oid\./, '');
    const value = this.value();
    if (value === undefined) return undefined;
    return { type: Object.hasOwn(shortNames, written) ? shortNames[written]! : written, value };
  }

  private value(): string | undefined {
    const encoded = this.take(/#(?:[0-9a-f]{2})+\s*(?=[,;+]|$)/iy);
    if (encoded !== undefined) return decodedString(Buffer.from(encoded.trim().slice(1), 'hex'));
    const quoted = this.take(/"(?:[^"\\]|\\[\s\S])*"\s*(?=[,;+]|$)/y);
    if (quoted !== undefined) return unescaped(quoted.trim().slice(1, -1));
    const plain = this.take(/(?:[^\\,;+"<>\0]|\\(?:[0-9a-f]{2}|[ "#+,;<=>\\]))*/iy);
    return plain?.startsWith('#') ? undefined : unescaped(plain ?? '');
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

/** `\2C` is a byte of UTF-8 and `\,` a character; bytes that are no UTF-8 make it no name. */
function unescaped(text: string): string | undefined {
  const parts = text.match(/(?:\\[0-9a-f]{2})+|\\[\s\S]|[^\\]+/giu) ?? [];
  const read = parts.map((part) => {
    if (/^\\[0-9a-f]{2}/i.test(part)) return decodedText(Buffer.from(part.replaceAll('\\', ''), 'hex'));
    return part.startsWith('\\') ? part.slice(1) : part;
  });
  return read.includes(undefined) ? undefined : read.join('');
}

function decodedText(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value as BER, `#0C024869`: read when it is one of the plain string types; of the others none can be compared. */
function decodedString(bytes: Buffer): string | undefined {
  const [tag = 0, length = 0] = bytes;
  const stringTags = [0x04, 0x0c, 0x13, 0x16];
  if (stringTags.includes(tag) && length < 0x80 && bytes.length === length + 2) return decodedText(bytes.subarray(2));
  return undefined;
}
