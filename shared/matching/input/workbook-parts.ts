// What an .xlsx workbook says of itself: its sheets, its shared strings, and which styles show a number as a date.
import { posix } from 'node:path';
import { FailureError, fail } from '../../domain/result.ts';
import { attributeOf, NotXmlError, type XmlHandler, XmlReader } from './xml-reader.ts';
import { openZip, type ZipArchive } from './zip-archive.ts';

export type Workbook = {
  archive: ZipArchive;
  /** In the order of their tabs; `part` is the name in the archive. */
  sheets: { name: string; part: string }[];
  /** Dates are counted from 1904, not from 1900. */
  from1904: boolean;
  stringsPart: string | undefined;
  stylesPart: string | undefined;
};

export type SheetWords = {
  strings: string[];
  /** By the number of the style. */
  showsDate: boolean[];
};

/** Shared strings are held in memory while a sheet is streamed. */
const workbookBytesMax = 512 * 2 ** 20;

/** Throws FailureError on what is no workbook. */
export async function openWorkbook(path: string, name: string): Promise<Workbook> {
  const archive = await openZip(path, name, workbookBytesMax);
  const root =
    (await relationsOf(archive, '')).find(({ type }) => type === 'officeDocument')?.part ?? 'xl/workbook.xml';
  if (!archive.has(root) || !root.startsWith('xl/')) {
    const what = archive.has('mimetype') ? 'an OpenDocument file' : 'a zip archive';
    throw new FailureError(fail('FILE_TYPE_MISMATCH', `${name} is ${what}, not an .xlsx workbook`));
  }
  const relations = await relationsOf(archive, root);
  const sheets: Workbook['sheets'] = [];
  let from1904 = false;
  await readXml(archive, root, {
    open(element, attributes) {
      if (element === 'workbookPr') from1904 = /^(1|true)$/.test(attributeOf(attributes, 'date1904') ?? '');
      if (element !== 'sheet') return;
      const id = attributeOf(attributes, 'id');
      const relation = relations.find((one) => one.id === id);
      // A chart on a tab of its own is no sheet of cells.
      if (relation?.type === 'worksheet')
        sheets.push({ name: attributeOf(attributes, 'name') ?? '', part: relation.part });
    },
  });
  const partOf = (type: string) => relations.find((one) => one.type === type)?.part;
  return { archive, sheets, from1904, stringsPart: partOf('sharedStrings'), stylesPart: partOf('styles') };
}

type Relation = { id: string | undefined; type: string; part: string };

/** What a part names, or with '' the archive as a whole. Types are told by their last word: there are two sets of the rest. */
async function relationsOf(archive: ZipArchive, part: string): Promise<Relation[]> {
  const folder = posix.dirname(part);
  const relations: Relation[] = [];
  await readXml(archive, posix.join(folder, '_rels', `${posix.basename(part)}.rels`), {
    open(element, attributes) {
      if (element !== 'Relationship') return;
      const target = attributeOf(attributes, 'Target') ?? '';
      relations.push({
        id: attributeOf(attributes, 'Id'),
        type: attributeOf(attributes, 'Type')?.split('/').at(-1) ?? '',
        part: target.startsWith('/') ? target.slice(1) : posix.join(folder, target),
      });
    },
  });
  return relations;
}

export async function readSheetWords({ archive, stringsPart, stylesPart }: Workbook): Promise<SheetWords> {
  return { strings: await readStrings(archive, stringsPart), showsDate: await readStyles(archive, stylesPart) };
}

/** Of a rich text all its runs; not how it is pronounced. */
async function readStrings(archive: ZipArchive, part: string | undefined): Promise<string[]> {
  const strings: string[] = [];
  let [text, inText, phonetic] = ['', false, false];
  await readXml(archive, part, {
    open(element) {
      if (element === 'si') text = '';
      else if (element === 'rPh') phonetic = true;
      else if (element === 't') inText = !phonetic;
    },
    close(element) {
      if (element === 'si') strings.push(unescaped(text));
      else if (element === 'rPh') phonetic = false;
      else if (element === 't') inText = false;
    },
    text(piece) {
      if (inText) text += piece;
    },
  });
  return strings;
}

async function readStyles(archive: ZipArchive, part: string | undefined): Promise<boolean[]> {
  const formats = new Map<number, string>();
  const showsDate: boolean[] = [];
  let inCells = false;
  await readXml(archive, part, {
    open(element, attributes) {
      if (element === 'cellXfs') inCells = true;
      const id = Number(attributeOf(attributes, 'numFmtId'));
      if (element === 'numFmt') formats.set(id, attributeOf(attributes, 'formatCode') ?? '');
      if (element === 'xf' && inCells) showsDate.push(isDateFormat(id, formats.get(id)));
    },
    close(element) {
      if (element === 'cellXfs') inCells = false;
    },
  });
  return showsDate;
}

/** Numbers of formats that every program has, from ECMA-376 part 1, 18.8.30, with those of East Asia. */
function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined)
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
  // Quoted text, single characters and colours say nothing; `[h]` counts hours.
  const letters = code
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .split(';')[0]!;
  return /[ymdhs]/i.test(letters) && !/general/i.test(letters);
}

/** `_x000D_` stands for a character that XML cannot hold. */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Nothing where there is no such part. */
async function readXml(archive: ZipArchive, part: string | undefined, handler: Partial<XmlHandler>): Promise<void> {
  if (part !== undefined) for await (const _ of pieces(archive, part, handler));
}

/** Hands over control after each piece, with which the handler may have come by something. */
export async function* pieces(archive: ZipArchive, part: string, handler: Partial<XmlHandler>): AsyncGenerator<void> {
  const nothing = () => {};
  const reader = new XmlReader({ open: nothing, close: nothing, text: nothing, ...handler });
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const bytes of archive.read(part)) {
    decoder ??= new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : bytes[0] === 0xfe ? 'utf-16be' : 'utf-8');
    try {
      reader.push(decoder.decode(bytes, { stream: true }));
    } catch (error) {
      if (!(error instanceof NotXmlError)) throw error;
      throw new FailureError(fail('FILE_UNREADABLE', `${part} of the workbook cannot be read: ${error.message}`));
    }
    yield;
  }
}
