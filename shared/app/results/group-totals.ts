// What whole groups add up to, for a page that shows some of their members.
import { addDecimals, type DecimalText } from '../../domain/decimal.ts';
import { anchorOf, legsOf, passName } from '../../domain/definition.ts';
import type { Engine } from '../../matching/engine.ts';
import { decimalShape, units, unitsText } from '../../matching/match/exact-decimal.ts';
import type { Side } from '../../matching/match/value-column.ts';
import { rowColumn } from '../../matching/records.ts';
import { identifier, literal } from '../../matching/sql.ts';
import type { GroupTotals } from '../../ports/result-query.ts';
import { fieldsOf, matchesFrom, type ResultFiles, recordsFrom } from './result-sql.ts';

type Member = { source: string | null; group_id: string | null; pass: string | null };
type Total = { records: number; sum: DecimalText | null };

export type TotalsOf = (member: Member) => GroupTotals | null;

/** Two legs may net the same records of the anchor: a group is one of its leg. */
export async function groupTotals(engine: Engine, files: ResultFiles, page: Member[]): Promise<TotalsOf> {
  const { definition } = files;
  const found = new Map<string, GroupTotals>();
  const keyOf = ({ source, group_id }: Pick<Member, 'source' | 'group_id'>) => JSON.stringify([source, group_id]);
  for (const leg of legsOf(definition)) {
    const ofLeg = page.filter(({ source, group_id }) => source === leg.name && group_id !== null);
    for (const [pass, members] of Map.groupBy(ofLeg, (member) => member.pass)) {
      const field = amountOf(files, pass);
      const ids = [...new Set(members.map(({ group_id }) => group_id!))];
      const [left, right] = [
        await totalsOf(engine, files, { leg: leg.name, side: 'left', ids, field }),
        await totalsOf(engine, files, { leg: leg.name, side: 'right', ids, field }),
      ];
      for (const id of ids)
        found.set(keyOf({ source: leg.name, group_id: id }), together(field, left.get(id), right.get(id)));
    }
  }
  return (member) => found.get(keyOf(member)) ?? null;
}

/** Undefined where persons put records together. */
function amountOf({ definition }: ResultFiles, name: string | null): string | undefined {
  const pass = definition.passes.find((one, index) => passName(one, index) === name);
  return pass?.kind === 'grouped' ? pass.amount : undefined;
}

function together(field: string | undefined, left: Total | undefined, right: Total | undefined): GroupTotals {
  const records = { leftRecords: left?.records ?? 0, rightRecords: right?.records ?? 0 };
  if (field === undefined) return { ...records, amount: null };
  const [one, other] = [left?.sum ?? null, right?.sum ?? null];
  const difference = one === null || other === null ? null : addDecimals(other, negated(one));
  return { ...records, amount: { field, left: one, right: other, difference } };
}

function negated(value: DecimalText): DecimalText {
  return value.startsWith('-') ? value.slice(1) : `-${value}`;
}

async function totalsOf(
  engine: Engine,
  files: ResultFiles,
  { leg, side, ids, field }: { leg: string; side: Side; ids: string[]; field: string | undefined },
): Promise<Map<string, Total>> {
  const source = side === 'left' ? anchorOf(files.definition).name : leg;
  const shape = decimalShape(fieldsOf(files, source).find(({ name }) => name === field)?.sqlType ?? '');
  const sum =
    field === undefined || !shape
      ? 'NULL'
      : unitsText(`sum(${units(`s.${identifier(field)}`, shape, shape.scale)})`, shape.scale);
  const rows = await engine.rows<{ group_id: string; records: string; sum: string | null }>(
    `SELECT group_id, count(*) AS records, ${sum} AS sum FROM (
      SELECT DISTINCT group_id, ${side}_row FROM ${matchesFrom(files)}
      WHERE source = ${literal(leg)} AND ${side}_row IS NOT NULL AND group_id IN (${ids.map(literal).join(', ')})) m
    JOIN ${recordsFrom(files, source)} s ON s.${identifier(rowColumn)} = m.${side}_row GROUP BY group_id`,
  );
  return new Map(rows.map(({ group_id, records, sum }) => [group_id, { records: Number(records), sum }]));
}
