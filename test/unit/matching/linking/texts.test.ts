// One spelling for texts, sounds, and spellings that are the same thing.
import { expect, test } from 'vitest';
import { applyEquivalences, legalForms, loadEquivalences } from '../../../../shared/matching/linking/equivalences.ts';
import { foldCodeSql, foldTextSql } from '../../../../shared/matching/linking/fold-text.ts';
import { soundexSql } from '../../../../shared/matching/linking/soundex.ts';
import { literal } from '../../../../shared/matching/sql.ts';
import { evaluate, withEngine } from './linking-engine.ts';

const folded: [written: string, words: string | null, code: string | null][] = [
  ['Smith', 'smith', 'smith'],
  ['  Anna   Maria ', 'anna maria', 'annamaria'],
  ['ÉCOLE Générale', 'ecole generale', 'ecolegenerale'],
  ['Straße', 'strasse', 'strasse'],
  ['GROẞ', 'gross', 'gross'],
  ['İstanbul ılık', 'istanbul ilik', 'istanbulilik'],
  ['Ａｃｍｅ　１２', 'acme 12', 'acme12'],
  ['Łódź Ørsted Æther œuvre', 'lodz orsted aether oeuvre', 'lodzorstedaetheroeuvre'],
  ['ﬁne ﬂat', 'fine flat', 'fineflat'],
  ["O'Neill & Sons, S.A.", 'oneill sons sa', 'oneillsonssa'],
  ['O’Neill', 'oneill', 'oneill'],
  ['PS-LX 350/H', 'ps lx 350 h', 'pslx350h'],
  ['ΣΊΣΥΦΟΣ', 'σισυφοσ', 'σισυφοσ'],
  ['Москва', 'москва', 'москва'],
  ['हिन्दी', 'हिन्दी', 'हिन्दी'],
  ['北京 Ltd', '北京 ltd', '北京ltd'],
  ['---', null, null],
  ['', null, null],
];

test.each(folded)('%j is folded', async (written, words, code) => {
  await withEngine(async (engine) => {
    expect(await evaluate(engine, foldTextSql(literal(written)))).toBe(words);
    if (!written.startsWith("O'") && !written.startsWith('O’'))
      expect(await evaluate(engine, foldCodeSql(literal(written)))).toBe(code);
  });
});

test('a text that is written in two ways of Unicode is one text', async () => {
  await withEngine(async (engine) => {
    expect(await evaluate(engine, foldTextSql(literal('Café'.normalize('NFD'))))).toBe('cafe');
    const hindi = 'क़'.normalize('NFD');
    expect(await evaluate(engine, foldTextSql(literal(hindi)))).toBe(await evaluate(engine, foldTextSql(literal('क़'))));
  });
});

/** Knuth's examples, those of the census for h and w, and what is no word of English. */
const sounds: [string, string | null][] = [
  ['robert', 'r163'],
  ['rupert', 'r163'],
  ['rubin', 'r150'],
  ['ashcraft', 'a261'],
  ['tymczak', 't522'],
  ['pfister', 'p236'],
  ['honeyman', 'h555'],
  ['washington', 'w252'],
  ['lee', 'l000'],
  ['gutierrez', 'g362'],
  ['euler', 'e460'],
  ['ellery', 'e460'],
  ['lloyd', 'l300'],
  ['lukasiewicz', 'l222'],
  ['vandeusen', 'v532'],
  ['7up', null],
  ['москва', null],
];

test.each(sounds)('%s sounds like %s', async (word, sound) => {
  await withEngine(async (engine) => expect(await evaluate(engine, soundexSql(literal(word)))).toBe(sound));
});

const equivalent: { name: string; groups: string[][]; said: string; read: string | null }[] = [
  { name: 'a legal form', groups: legalForms, said: 'acme limited', read: 'acme ltd' },
  { name: 'one of several words', groups: legalForms, said: 'acme limited liability company', read: 'acme llc' },
  {
    name: 'one with accents in the table of a user',
    groups: [['Fußball', 'Soccer']],
    said: 'soccer club',
    read: 'fussball club',
  },
  {
    name: 'a whole name',
    groups: [['ibm', 'international business machines']],
    said: 'international business machines',
    read: 'ibm',
  },
  { name: 'twice in a text', groups: [['st', 'street']], said: 'street of street', read: 'st of st' },
  { name: 'not inside of a word', groups: [['st', 'street']], said: 'streeter', read: null },
  { name: 'nothing to read otherwise', groups: legalForms, said: 'acme ltd', read: 'acme ltd' },
  {
    name: 'the later of two groups',
    groups: [
      ['a', 'x'],
      ['b', 'x'],
    ],
    said: 'x',
    read: 'b',
  },
  {
    name: 'the leftmost of two that overlap, and again from where it ends',
    groups: [
      ['one', 'a b'],
      ['two', 'b c'],
      ['three', 'c a'],
    ],
    // After `a b` comes `c a`, after that `b c`.
    said: 'x a b c a b c y',
    read: 'x one three two y',
  },
  {
    name: 'the longest of two that begin together',
    groups: [
      ['one', 'a b'],
      ['two', 'a b c'],
    ],
    said: 'a b c a b',
    read: 'two one',
  },
  {
    name: 'one of ten thousand',
    groups: Array.from({ length: 10_000 }, (_, at) => [`canon ${at}`, `variant number ${at} (of it)`, `v.${at}`]),
    said: 'the variant number 9999 of it and v7',
    read: 'the canon 9999 and canon 7',
  },
  { name: 'no groups', groups: [], said: 'acme limited', read: null },
];

test.each(equivalent)('equivalences: $name', async ({ groups, said, read }) => {
  await withEngine(async (engine) => {
    await loadEquivalences(engine, groups);
    await applyEquivalences(engine, 'readings', `(SELECT ${literal(said)} AS said)`);
    const rows = await engine.rows<{ read: string }>('SELECT read FROM readings');
    expect(rows.map((row) => row.read)).toEqual(read === null || read === said ? rows.map(() => said) : [read]);
    if (read === null) expect(rows).toEqual([]);
  });
});
