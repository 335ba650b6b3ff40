// A break as every reply of the surface shows it. Side A is the anchor, B the source that it is compared with. What the caller
// may do with it is worked out for every break anew, from its status, their roles and the graph.
import { type BreakDetails, dimensionOf, reviewedOf } from '../../../shared/app/breaks/break-details.ts';
import type { BreakEntry } from '../../../shared/domain/break.ts';
import { breakKindOf } from '../../../shared/domain/break-kind.ts';
import { allowedTransitions, type Reviewer } from '../../../shared/domain/break-review.ts';
import { joinNumber } from '../../../shared/domain/composite-number.ts';
import { anchorOf, type Definition, type FieldType } from '../../../shared/domain/definition.ts';
import type { KeptGraph } from '../../../shared/domain/graph/graph.ts';
import type { Dimensions } from '../../../shared/domain/run.ts';
import type { ViewedBreak } from '../../../shared/ports/run-view.ts';

export type BreakContext = {
  graph: Pick<KeptGraph, 'number' | 'makerCheckerEnabled'>;
  /** By which the values were seen. */
  definition: Definition;
  reviewer: Reviewer;
};

type Shown = Omit<ViewedBreak, 'gone' | 'touched' | 'anomalous' | 'observed'> & {
  observed: Pick<ViewedBreak['observed'], 'left' | 'right' | 'anomalies'>;
};
type Value = string | number | boolean | null;

/** As a run saw it, with what persons have made of it. */
export function presentBreak(
  { graph, definition, reviewer }: BreakContext,
  viewed: Shown,
  { item, comments = [] }: Partial<BreakDetails> = {},
) {
  const reviewed = reviewedOf(viewed, item);
  return {
    id: joinNumber({ number: graph.number, sequence: Number(viewed.breakId) }),
    breakType: viewed.kind,
    status: reviewed.status,
    product: viewed.product,
    subProduct: viewed.subProduct,
    entity: viewed.entity,
    allowedStatusTransitions: allowedTransitions(reviewed, graph.makerCheckerEnabled, reviewer),
    detectedAt: new Date(viewed.openedAt).toISOString(),
    sourceA: presentSide(definition, viewed.observed.left),
    sourceB: presentSide(definition, viewed.observed.right),
    comments: comments.flatMap(presentComment),
    submittedBy: item?.submittedBy ?? null,
    assignee: item?.assignee ?? null,
    reasonCode: item?.reasonCode ?? null,
    anomalies: viewed.observed.anomalies ?? [],
  };
}

/** As its item has it. */
export function presentItem(context: BreakContext & { dimensions: Dimensions }, details: BreakDetails) {
  const { item } = details;
  const { dimensions, definition } = context;
  const viewed: Shown = {
    breakId: item.breakId,
    observed: item,
    kind: breakKindOf(item, anchorOf(definition).name),
    product: dimensionOf(item, dimensions.product),
    subProduct: dimensionOf(item, dimensions.subProduct),
    entity: dimensionOf(item, dimensions.entity),
    openedAt: Date.parse(item.openedAt),
    status: item.status,
  };
  return presentBreak(context, viewed, details);
}

function presentComment({ id, actorDn, action, comment, at }: BreakEntry) {
  return id === undefined || comment === undefined ? [] : [{ id, actorDn, action, comment, createdAt: at }];
}

function presentSide(definition: Definition, values: Record<string, string | null> | null): Record<string, Value> {
  if (!values) return {};
  const shown: Record<string, Value> = {};
  for (const { name, type } of definition.fields)
    if (Object.hasOwn(values, name)) shown[name] = presentValue(type, values[name] ?? null);
  return shown;
}

const numberText = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** Numbers digit by digit as they are: a binary float in between would change them. */
function presentValue(type: FieldType | undefined, value: string | null): Value {
  if (value === null) return null;
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if ((type === 'decimal' || type === 'integer') && numberText.test(value)) return exactNumber(value);
  return value;
}

/** Written into JSON as it stands. The compiler's library does not know this part of JSON yet. */
function exactNumber(text: string): number {
  return (JSON as unknown as { rawJSON(text: string): number }).rawJSON(text);
}
