// What something costs by its size: the straight line nearest to what was measured (least squares). Points of one size
// have no slope, and a line through them is refused.

export type Point = { size: number; cost: number };
/** cost = `fixed` + `each` × size. */
export type Line = { fixed: number; each: number };

export function fitLine(points: Point[]): Line {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [size, cost] = [mean(points.map((point) => point.size)), mean(points.map((point) => point.cost))];
  const spread = points.reduce((sum, point) => sum + (point.size - size) ** 2, 0);
  if (!(spread > 0)) throw new Error('a line needs points of two sizes');
  const each = points.reduce((sum, point) => sum + (point.size - size) * (point.cost - cost), 0) / spread;
  return { fixed: cost - each * size, each };
}

/** How cost grows with size: 1 in proportion, less than 1 slower. The slope of the line through the logarithms. */
export function growthOf(points: Point[]): number {
  return fitLine(points.map(({ size, cost }) => ({ size: Math.log(size), cost: Math.log(cost) }))).each;
}
