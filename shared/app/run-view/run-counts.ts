// How many breaks of a run have which value, as replies tell it. Counted by SQL (`countsSql`) or in memory (`countsOf`), to the same rows.
import type { Dimensions } from '../../domain/run.ts';
import type { RunAnalytics, SelectableFilters } from '../../ports/run-view.ts';

/** `breaks`: of the filter. `selectable`: among the most frequent of all breaks, which a person chooses from. In the order of the values. */
export type Count = {
  name: 'status' | 'type' | 'product' | 'subProduct' | 'entity' | 'age' | 'total';
  value: string;
  breaks: number;
  selectable: boolean;
};

export function analyticsOf(counted: Count[]): RunAnalytics {
  const named = (name: Count['name']): Record<string, number> => {
    const counts = new Map<string, number>();
    for (const one of counted) {
      // A value of the data may have the name under which the others are counted.
      if (one.name === name && one.breaks > 0) counts.set(one.value, (counts.get(one.value) ?? 0) + one.breaks);
    }
    return Object.fromEntries(counts);
  };
  const breaksByStatus = named('status');
  return {
    breaksByStatus,
    breaksByType: named('type'),
    breaksByProduct: named('product'),
    breaksByEntity: named('entity'),
    openBreaksByAgeBucket: named('age'),
    filteredBreakCount: Object.values(breaksByStatus).reduce((sum, count) => sum + count, 0),
    totalBreakCount: named('total')[''] ?? 0,
  };
}

export function selectableOf(counted: Count[], { product, subProduct, entity }: Dimensions): SelectableFilters {
  const valuesOf = (name: Count['name'], field: string | undefined): string[] =>
    field === undefined ? [] : counted.filter((one) => one.name === name && one.selectable).map(({ value }) => value);
  return {
    products: valuesOf('product', product),
    subProducts: valuesOf('subProduct', subProduct),
    entities: valuesOf('entity', entity),
  };
}
