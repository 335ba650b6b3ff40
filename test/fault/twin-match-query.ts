// Looks into the matches that the twin engine wrote, as `look-at-matches.ts` does into Parquet; a shared suite of use
// cases runs on both.
import type { Deps } from '../../shared/app/deps.ts';
import { readJson as readObject } from '../../shared/app/runs/json-objects.ts';
import type { UndoneSide, UndoScope } from '../../shared/domain/decision.ts';
import { anchorOf, type Definition } from '../../shared/domain/definition.ts';
import { splitRowReference } from '../../shared/domain/outcome.ts';
import type { Run, RunInputs, RunRef } from '../../shared/domain/run.ts';
import type { MatchQuery } from '../../shared/ports/match-query.ts';
import type { TwinMatch, TwinMember } from './twin-decisions.ts';
import { sumsOf, type TwinRecord } from './twin-records.ts';

type LookDeps = Pick<Deps, 'runs' | 'objects'>;
type LedgerRow = { breakId: string; state: 'open' | 'gone'; leftRow: number | null; rightRow: number | null };

export function createTwinMatchQuery(deps: LookDeps): MatchQuery {
  const runOf = async (ref: RunRef): Promise<Run> => (await deps.runs.get(ref))!;
  const matchesOf = async (run: Run): Promise<TwinMatch[]> => {
    const files = await Promise.all(run.results!.matchesKeys.map((key) => readObject<TwinMatch[]>(deps, key)));
    return files.flat();
  };
  const recordsOf = async (run: Run, source: string): Promise<TwinRecord[]> => {
    const { sources } = await readObject<RunInputs>(deps, run.inputsKey!);
    const { parts } = sources.find((one) => one.source === source)!;
    return (await Promise.all(parts.map(({ key }) => readObject<TwinRecord[]>(deps, key)))).flat();
  };
  return {
    async find(ref, { source, left, right }) {
      const run = await runOf(ref);
      const found = (await matchesOf(run)).find(
        (one) => one.leftRow === left && one.rightRow === right && (source === undefined || one.source === source),
      );
      if (!found) return null;
      const { pass, groupId = null } = found;
      return { source: found.source, left, right, groupId, pass, confidence: 1, evidence: null, spellings: [] };
    },
    async undo(ref, { scope, except, manual, ledgerKey, membersKey }) {
      const run = await runOf(ref);
      const scoped = inScope(await matchesOf(run), scope);
      const known = new Set<string>();
      for (const key of except) for (const { match } of await readObject<TwinMember[]>(deps, key)) known.add(match);
      const undone = scoped
        .filter(({ pass }) => pass !== 'manual')
        .map((one) => ({ ...one, match: one.groupId ?? `${one.leftRow} ${one.rightRow}` }))
        .filter(({ match }) => !known.has(match));
      if (membersKey !== undefined && undone.length > 0) await deps.objects.put(membersKey, JSON.stringify(undone));
      const rows = { left: rowsOf(undone, 'leftRow'), right: rowsOf(undone, 'rightRow') };
      const definition = run.definition!;
      const passes = [];
      for (const [name, of] of Map.groupBy(undone, ({ pass }) => pass)) {
        const side = async (sources: string[], wanted: Set<number>): Promise<UndoneSide> => {
          const records = (await Promise.all(sources.map((source) => recordsOf(run, source)))).flat();
          const found = records.filter(({ row }) => wanted.has(row));
          return { records: found.length, sums: sumsOf(definition, found) };
        };
        const left = await side([anchorOf(definition).name], rowsOf(of, 'leftRow'));
        const right = await side(legNames(definition), rowsOf(of, 'rightRow'));
        passes.push({ name, matches: new Set(of.map(({ match }) => match)).size, left, right });
      }
      const ledger = ledgerKey === undefined ? [] : await readObject<LedgerRow[]>(deps, ledgerKey);
      const gone = ledger.filter(
        ({ state, leftRow, rightRow }) =>
          state === 'gone' && (rows.left.has(leftRow ?? -1) || rows.right.has(rightRow ?? -1)),
      );
      return {
        undone: {
          passes,
          batches: { left: batchesOf(rows.left), right: batchesOf(rows.right) },
          manual: [...new Set(scoped.flatMap(({ pass, groupId }) => (pass === 'manual' && groupId ? [groupId] : [])))],
        },
        breaks: { count: gone.length, breakIds: gone.map(({ breakId }) => breakId) },
        touched: manual
          .filter(
            ({ left, right }) => left.some((row) => rows.left.has(row)) || right.some((row) => rows.right.has(row)),
          )
          .map(({ id }) => id),
      };
    },
    async records(ref, { source, left, right }) {
      const run = await runOf(ref);
      const matches = (await matchesOf(run)).filter((one) => one.source === source);
      const [anchor, leg] = [await recordsOf(run, anchorOf(run.definition!).name), await recordsOf(run, source)];
      const named = {
        left: anchor.filter(({ row }) => left.includes(row)),
        right: leg.filter(({ row }) => right.includes(row)),
      };
      const absent = (rows: number[], there: TwinRecord[]) =>
        rows.filter((row) => !there.some((one) => one.row === row));
      const taken = new Set(matches.flatMap(({ leftRow, rightRow }) => [leftRow, rightRow]));
      return {
        absent: [...absent(left, named.left), ...absent(right, named.right)],
        matched: [...left, ...right].filter((row) => taken.has(row)),
        sums: { left: sumsOf(run.definition!, named.left), right: sumsOf(run.definition!, named.right) },
      };
    },
  };
}

function inScope(matches: TwinMatch[], scope: UndoScope): TwinMatch[] {
  if (scope.of === 'run') return matches;
  if (scope.of === 'pass') return matches.filter(({ pass }) => pass === scope.pass);
  const named = matches.filter(({ leftRow, rightRow }) => leftRow === scope.left && rightRow === scope.right);
  const groups = new Set(named.flatMap(({ groupId }) => groupId ?? []));
  return matches.filter((one) => named.includes(one) || (one.groupId !== undefined && groups.has(one.groupId)));
}

function rowsOf(matches: TwinMatch[], side: 'leftRow' | 'rightRow'): Set<number> {
  return new Set(matches.map((one) => one[side]).filter((row) => row !== null));
}

function batchesOf(rows: Set<number>): number[] {
  return [...new Set([...rows].map((row) => splitRowReference(row).batchNumber))].sort((a, b) => a - b);
}

function legNames(definition: Definition): string[] {
  return definition.sources.filter(({ anchor }) => !anchor).map(({ name }) => name);
}
