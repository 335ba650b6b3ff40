// Names of a directory for any text in them: one name however it is escaped, another one for another text, and no text that
// makes the reader fall over.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalName, canonicalText, isGroup, isSameName } from '../../shared/domain/distinguished-name.ts';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const settings = { seed, numRuns: 2_000 };

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...' ,+"\\<>;=#\0aAéß,'), maxLength: 8 }),
);
const type = fc.constantFrom('CN', 'ou', 'Dc', 'UID', 'x-own', '1.3.6.1.4.1.9999.1');
const attribute = fc.record({ type, value: text });
const name = fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
type Name = { type: string; value: string }[][];

const bySign = (value: string) => value.replace(/[\\,+"<>;=#]|^ | $/g, '\\$&').replaceAll('\0', '\\00');
const byNumber = (value: string) => Buffer.from(value).toString('hex').replace(/../g, '\\$&');
const inQuotes = (value: string) => `"${value.replace(/["\\]/g, '\\$&').replaceAll('\0', '\\00')}"`;

function write(parts: Name, escaping: (value: string) => string, separator: string, sort: boolean): string {
  return parts
    .map((attributes) => {
      const written = attributes.map(({ type, value }) => `${sort ? type.toUpperCase() : type}=${escaping(value)}`);
      return (sort ? written.reverse() : written).join('+');
    })
    .join(separator);
}

describe(`names of a directory (SEED=${seed})`, () => {
  it('are one name in every spelling', () => {
    fc.assert(
      fc.property(name, (parts) => {
        const spellings = [
          write(parts, bySign, ',', false),
          write(parts, byNumber, ' , ', true),
          write(parts, inQuotes, ';', false),
        ];
        const [canonical] = spellings.map(canonicalName);
        expect(canonical).toBeDefined();
        for (const spelling of spellings) expect(canonicalName(spelling), spelling).toBe(canonical);
        expect(canonicalName(canonical!)).toBe(canonical);
        expect(isGroup(spellings[0]!, spellings[1]!)).toBe(true);
      }),
      settings,
    );
  });

  it('are other names where a value is another', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const same = canonicalText(one) === canonicalText(other);
        expect(isSameName(`CN=${byNumber(one)},DC=x`, `CN=${bySign(other)},DC=x`)).toBe(same);
      }),
      settings,
    );
  });

  it('are none for most texts, and no text is too much', () => {
    fc.assert(
      fc.property(
        fc.oneof(text, fc.string({ unit: fc.constantFrom(...'CN=a,+\\"#0; '), maxLength: 40 })),
        (anything) => {
          const canonical = canonicalName(anything);
          if (canonical !== undefined) expect(canonicalName(canonical)).toBe(canonical);
        },
      ),
      settings,
    );
  });
});
