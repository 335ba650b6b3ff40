// The fields of a graph by which persons sort and count breaks: of each role the first field that has it.
import type { Dimensions } from '../run.ts';
import type { CanonicalField, GraphRole } from './graph.ts';

export function dimensionsOf({
  canonicalFields,
}: {
  canonicalFields: Pick<CanonicalField, 'role' | 'canonicalName'>[];
}): Dimensions {
  const named = (role: GraphRole): string | undefined =>
    canonicalFields.find((field) => field.role === role)?.canonicalName;
  const [product, subProduct, entity] = [named('PRODUCT'), named('SUB_PRODUCT'), named('ENTITY')];
  return {
    ...(product !== undefined && { product }),
    ...(subProduct !== undefined && { subProduct }),
    ...(entity !== undefined && { entity }),
  };
}
