// The proof that nothing vanished and nothing was counted twice: what was loaded against the sum of the outcomes.
import { compareDecimals, type DecimalText } from './decimal.ts';
import { addSums, type MatchSummary, outcomes, type SideSummary, type SideSums } from './outcome.ts';
import { fail, ok, type Result } from './result.ts';

/** What loading says of one source; `records` leaves out rejected and excluded rows. */
export type LoadedTotals = { source: string; records: number; sums: SideSums };

/** Records and, per field and currency, amounts of every source equal the sum over the outcomes; else CONSERVATION_FAILED. */
export function checkConservation(loaded: LoadedTotals[], summary: MatchSummary): Result<void> {
  const faults: string[] = [];
  if (loaded.length !== summary.sides.length) {
    faults.push(`${loaded.length} sources were loaded, the outcome has ${summary.sides.length}`);
  }
  for (const totals of loaded) {
    const side = summary.sides.find((candidate) => candidate.source === totals.source);
    if (side) faults.push(...countFaults(totals, side), ...sumFaults(totals, side));
    else faults.push(`the outcome lacks source ${totals.source}`);
  }
  if (faults.length === 0) return ok(undefined);
  return fail('CONSERVATION_FAILED', faults.slice(0, faultsShownMax).join('; '), { faults: faults.length });
}

const faultsShownMax = 10;

function countFaults({ source, records }: LoadedTotals, { counts }: SideSummary): string[] {
  const accounted = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
  const faults: string[] = [];
  if (accounted !== records) faults.push(`${source}: ${records} records in, ${accounted} in the outcomes`);
  if (counts.rows !== records + counts.rejected) {
    faults.push(`${source}: ${counts.rows} rows are not ${records} records and ${counts.rejected} rejected`);
  }
  return faults;
}

function sumFaults({ source, sums }: LoadedTotals, side: SideSummary): string[] {
  const accounted = outcomes.reduce<SideSums>((total, outcome) => addSums(total, side.sums[outcome]), {});
  const faults: string[] = [];
  for (const field of new Set([...Object.keys(sums), ...Object.keys(accounted)])) {
    const [into, out] = [sums[field] ?? {}, accounted[field] ?? {}];
    for (const currency of new Set([...Object.keys(into), ...Object.keys(out)])) {
      const [before, after]: DecimalText[] = [into[currency] ?? '0', out[currency] ?? '0'];
      if (compareDecimals(before!, after!) !== 0) {
        faults.push(`${source}.${field}${currency && ` in ${currency}`}: ${before} in, ${after} in the outcomes`);
      }
    }
  }
  return faults;
}
