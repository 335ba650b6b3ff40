// Test support: passes written short, and as they read with the sides exchanged.
import type { Condition, Pass, TolerancePass } from '../../../../shared/domain/definition.ts';

export const exact: Pass = { kind: 'exact-key', name: 'key' };

export function near(conditions: Condition[], more: Partial<TolerancePass> = {}): Pass[] {
  return [exact, { kind: 'tolerance', name: 'near', conditions, ...more }];
}

export function within(absolute: string, more: Partial<TolerancePass> = {}): Pass[] {
  return near([{ field: 'amount', absolute }], more);
}

export function mirrored(passes: Pass[]): Pass[] {
  return passes.map((one) =>
    one.kind !== 'tolerance' ? one : { ...one, conditions: one.conditions.map(mirroredCondition) },
  );
}

function mirroredCondition(condition: Condition): Condition {
  if ('percent' in condition) {
    const base = condition.base ?? 'anchor';
    return { ...condition, base: base === 'anchor' ? 'other' : base === 'other' ? 'anchor' : base };
  }
  if (!('daysBefore' in condition)) return condition;
  return { ...condition, daysBefore: condition.daysAfter, daysAfter: condition.daysBefore };
}
