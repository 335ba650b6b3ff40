// The twin engine's part of finding anomalies: what is watched of the breaks that are new or changed, and which of them are beyond the limits.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Anomaly, scoreless } from '../../shared/domain/anomaly/anomaly.ts';
import { sentenceOf } from '../../shared/domain/anomaly/break-limits.ts';
import { type Series, sampleMax } from '../../shared/domain/anomaly/history.ts';
import { grouped, withoutSign } from '../../shared/domain/anomaly/numbers.ts';
import { scoreOf, sizes } from '../../shared/domain/anomaly/robust.ts';
import type { ObservedBreak } from '../../shared/domain/break.ts';
import type { AnomalyRequest, FoundAnomalies } from '../../shared/matching/anomaly/find-anomalies.ts';
import type { LedgerRow } from './twin-ledger.ts';
import { readJson, writeJson } from './twin-records.ts';

export type TwinAnomalies = Record<string, Anomaly[]>;

type Size = { identity: string; kind: Series['kind']; field: string; currency: string; size: string };

export async function findAnomalies(request: AnomalyRequest): Promise<FoundAnomalies> {
  const { watched, before } = request;
  const hashes = (rows: LedgerRow[]) =>
    new Map(rows.filter(({ state }) => state === 'open').map((row) => [row.identity, row.contentHash]));
  const known = before ? hashes(await readJson<LedgerRow[]>(before.ledgerPath)) : new Map<string, string>();
  const all = await readJson<ObservedBreak[]>(request.breaksPath);
  const fresh = all.filter(({ identity, contentHash }) => known.get(identity) !== contentHash);
  const eitherOf = ({ left, right }: ObservedBreak, field: string) => left?.[field] ?? right?.[field] ?? null;
  const found = fresh.flatMap((item): Size[] => {
    const currency = (watched.currency !== undefined && eitherOf(item, watched.currency)) || '';
    const one = (kind: Series['kind'], field: string, size: string | null): Size[] =>
      size !== null && Number(size) !== 0
        ? [{ identity: item.identity, kind, field, currency, size: withoutSign(size) }]
        : [];
    return [
      ...watched.amounts.flatMap((field) => one('amount', field, eitherOf(item, field))),
      ...item.differences
        .filter(({ field }) => watched.differences.includes(field))
        .flatMap(({ field, difference }) => one('difference', field, difference)),
    ];
  });
  const groups = Map.groupBy(found, ({ kind, field, currency }) => JSON.stringify([kind, field, currency]));
  const series = [...groups.values()].map((of) => seriesOf(of));
  const values = Object.fromEntries(
    watched.values.map((field) => {
      const counted = new Map<string, number>();
      for (const item of fresh) {
        const value = eitherOf(item, field);
        if (value) counted.set(value, (counted.get(value) ?? 0) + 1);
      }
      return [field, Object.fromEntries([...counted].sort(([a], [b]) => (a < b ? -1 : 1)))];
    }),
  );
  const judged = request.judge({ series, values });
  const anomalies: TwinAnomalies = {};
  const add = (identity: string, anomaly: Anomaly) => {
    anomalies[identity] = [...(anomalies[identity] ?? []), anomaly];
  };
  for (const { field, value, anomaly } of judged.values)
    for (const item of fresh) if (eitherOf(item, field) === value) add(item.identity, anomaly);
  for (const { identity, kind, field, currency, size } of found)
    for (const limit of judged.limits) {
      if (limit.kind !== kind || limit.field !== field || limit.currency !== currency || Number(size) <= limit.above)
        continue;
      const { subject, usual } = limit;
      const sentence = sentenceOf(limit, false);
      const explanation = `${sentence.before}${grouped(size)}${sentence.after}`;
      add(identity, { kind, subject, value: size, usual, score: scoreOf(sizes, limit, Number(size)), explanation });
    }
  for (const all of Object.values(anomalies)) all.sort((a, b) => (b.score ?? scoreless) - (a.score ?? scoreless));
  const earlier = before?.anomaliesPath ? await readJson<TwinAnomalies>(before.anomaliesPath) : {};
  const unchanged = new Set(all.filter((item) => !fresh.includes(item)).map(({ identity }) => identity));
  for (const [identity, kept] of Object.entries(earlier)) if (unchanged.has(identity)) anomalies[identity] = kept;
  const breaks = Object.keys(anomalies).length;
  if (breaks === 0) return { breaks };
  const path = join(request.directory, 'anomalies');
  await writeJson(path, anomalies);
  return { path, breaks };
}

function seriesOf(of: Size[]): Series {
  const { kind, field, currency } = of[0]!;
  const drawn = of
    .map(({ identity, size }) => ({ hash: createHash('md5').update(identity).digest('hex'), size }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const largest = of.reduce((most, { size }) => (Number(size) > Number(most) ? size : most), '0');
  return {
    kind,
    field,
    currency,
    count: of.length,
    largest,
    sample: drawn.slice(0, sampleMax).map(({ size }) => size),
  };
}
