// Few new records over many open ones: what lies where nothing can meet it is not looked at, and that it was not shows in
// nothing. Held against records that are far from everything, and against nearest candidates worked out apart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toScaled } from '../../shared/domain/decimal.ts';
import type { Pass } from '../../shared/domain/definition.ts';
import { type Engine, openEngine } from '../../shared/matching/engine.ts';
import type { LoadedSource } from '../../shared/matching/records.ts';
import { type CanonicalLine, canonicalLines, matchRows, type Row } from '../unit/matching/match/records-from-rows.ts';
import { definition, loaded, passes, rows } from './passes-generated.ts';

let engine: Engine;
const directory = mkdtempSync(join(tmpdir(), 'open-items-property-'));
beforeAll(async () => {
  engine = await openEngine({ directory, memoryMb: 500, threads: 2 });
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true, force: true });
});

const numRuns = Number(process.env.MATCH_PROPERTY_RUNS ?? 20);
type Candidate = { kind: string; key: string | null; failed: string[] };
type Line = Omit<CanonicalLine, 'explanation'> & { candidates: Candidate[] };

async function outcome(passesOf: Pass[], sources: LoadedSource[]): Promise<Line[]> {
  const named = definition(passesOf);
  const matched = await matchRows(engine, named, sources);
  const { lines } = await canonicalLines(engine, named, sources, [matched]);
  return lines.map((line) => {
    const { explanation, ...rest } = line as CanonicalLine & { explanation: string | null };
    return { ...rest, candidates: (JSON.parse(explanation ?? '[]') ?? []) as Candidate[] };
  });
}

/** Open records of one side that nothing can be near: 40 amounts in steps that no tolerance of these passes spans. */
const far: Row[] = Array.from({ length: 40 }, (_, at) => {
  const id = `far${at}`;
  return [id, id, `${5_000_000 * (at + 1) ** 3}.00`, at % 2 === 0 ? 'ann' : null, '2030-01-01', 'x'];
});

test('open records that nothing can meet change nothing of the others, whichever side has more', async () => {
  await fc.assert(
    fc.asyncProperty(rows, rows, passes, fc.constantFrom('left', 'right'), async (left, right, passesOf, side) => {
      const of = (own: Row[], name: string) => loaded(name, name === side ? [...own, ...far] : own);
      const without = await outcome(passesOf, [loaded('left', left), loaded('right', right)]);
      const found = await outcome(passesOf, [of(left, 'left'), of(right, 'right')]);
      // Who comes nearest may be one of them; what a pass weighed may not.
      const weighed = (line: Line) =>
        JSON.stringify({ ...line, candidates: line.candidates.filter(({ kind }) => kind !== 'nearest') });
      const isFar = (line: Line) => line.key?.startsWith('far') === true;
      expect(found.filter((line) => !isFar(line)).map(weighed)).toEqual(without.map(weighed));
      const alone = found.filter(isFar);
      expect(alone.map((line) => line.outcome)).toEqual(far.map(() => 'missing'));
    }),
    { numRuns },
  );
});

const nearPass: Pass = {
  kind: 'tolerance',
  name: 'near',
  conditions: [
    { field: 'name', equal: true },
    { field: 'amount', absolute: '0' },
    { field: 'booked', daysBefore: 0, daysAfter: 0 },
  ],
};
const amounts = fc.integer({ min: -30, max: 30 }).map((units) => `${units}.00`);
const openRow = fc.tuple(amounts, fc.constantFrom('ann', 'bob', null), fc.constantFrom('2024-01-02', '2024-01-03'));

/** Worked out with bigint over all records of the other side. */
function nearestTo(own: Record<string, string | null>, others: Record<string, string | null>[]): string[] {
  const units = (record: Record<string, string | null>) => toScaled(record.amount!).units;
  const distance = (other: Record<string, string | null>) => {
    const apart = units(own) - units(other);
    return apart < 0n ? -apart : apart;
  };
  const possible = others.filter((other) => own.name !== null && other.name === own.name);
  const least = possible.reduce<bigint | undefined>(
    (found, other) => (found === undefined || distance(other) < found ? distance(other) : found),
    undefined,
  );
  return possible.filter((other) => distance(other) === least).map((other) => other.amount!);
}

test('the nearest candidate is one that no other record of its block is nearer than', async () => {
  const side = (prefix: string, maxLength: number) =>
    fc
      .array(openRow, { maxLength })
      .map((all) => all.map(([...values], at): Row => [`${prefix}${at}`, `${prefix}${at}`, ...values, 'x']));
  await fc.assert(
    fc.asyncProperty(side('l', 30), side('r', 6), fc.boolean(), async (many, few, turned) => {
      const [left, right] = turned ? [few, many] : [many, few];
      const found = await outcome([{ kind: 'exact-key' }, nearPass], [loaded('left', left), loaded('right', right)]);
      const missing = found.filter((line) => line.outcome === 'missing');
      const open = { left: [] as Record<string, string | null>[], right: [] as Record<string, string | null>[] };
      for (const { outcome: kind, left: l, right: r } of found) {
        if (kind === 'matched') continue;
        if (l) open.left.push(l);
        if (r) open.right.push(r);
      }
      for (const line of missing) {
        const [own, others] = line.left ? [line.left, open.right] : [line.right!, open.left];
        const nearest = nearestTo(own, others);
        const shown = line.candidates.map(({ key }) => others.find((other) => other.id === key)!.amount);
        expect(shown).toHaveLength(nearest.length > 0 ? 1 : 0);
        for (const amount of shown) expect(nearest).toContain(amount);
      }
    }),
    { numRuns },
  );
});
