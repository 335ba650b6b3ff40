// How long breaks have been open, in the steps in which people are asked about them. A day is 24 hours from the detection,
// so that an age does not depend on a time zone.
export const ageBuckets = [
  { label: '<1d', daysBelow: 1 },
  { label: '1-3d', daysBelow: 4 },
  { label: '4-7d', daysBelow: 8 },
  { label: '8-30d', daysBelow: 31 },
  { label: '>30d', daysBelow: Number.POSITIVE_INFINITY },
] as const;

export const dayMs = 24 * 60 * 60 * 1000;

/** Both in epoch ms. A break that is detected in the future, by another clock, has just been. */
export function ageBucketOf(openedAt: number, now: number): string {
  const days = Math.floor((now - openedAt) / dayMs);
  return ageBuckets.find(({ daysBelow }) => days < daysBelow)!.label;
}
