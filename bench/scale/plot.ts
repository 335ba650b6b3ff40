// A log-log plot as a small SVG, panels side by side, each line named at its end. Pure: it gives text.

export type PlotLine = { name: string; points: { x: number; y: number }[] };
export type Panel = { title: string; xTitle: string; yTitle: string; lines: PlotLine[] };

const [width, height] = [400, 340];
const margin = { left: 58, right: 92, top: 40, bottom: 52 };
/** Told apart without colour by their names at the end, too. */
const colours = ['#0b5fa5', '#c2410c', '#15803d', '#7e22ce', '#a16207', '#0f766e'];

/** Throws on a point that a logarithm does not have. */
export function plotSvg(panels: Panel[]): string {
  const total = width * panels.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${total}" height="${height}" viewBox="0 0 ${total} ${height}" font-family="sans-serif" font-size="12" fill="#1f2937">`,
    `<title>${escaped(panels.map(({ title }) => title).join(' · '))}</title>`,
    `<rect width="${total}" height="${height}" fill="#ffffff"/>`,
    ...panels.map((panel, index) => `<g transform="translate(${index * width} 0)">\n${panelSvg(panel)}\n</g>`),
    '</svg>',
    '',
  ].join('\n');
}

function panelSvg({ title, xTitle, yTitle, lines }: Panel): string {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0 || points.some(({ x, y }) => !(x > 0 && y > 0)))
    throw new Error(`the plot '${title}' needs points above zero`);
  const [left, right] = [margin.left, width - margin.right];
  const [top, bottom] = [margin.top, height - margin.bottom];
  const x = scaleOf(
    points.map((point) => point.x),
    left,
    right,
  );
  const y = scaleOf(
    points.map((point) => point.y),
    bottom,
    top,
  );
  const parts = [`<text x="${left}" y="20" font-size="14" font-weight="bold">${escaped(title)}</text>`];
  for (const tick of x.ticks) {
    const at = round(x.at(tick));
    parts.push(`<line x1="${at}" x2="${at}" y1="${top}" y2="${bottom}" stroke="#e5e7eb"/>`);
    parts.push(`<text x="${at}" y="${bottom + 16}" text-anchor="middle">${label(tick)}</text>`);
  }
  for (const tick of y.ticks) {
    const at = round(y.at(tick));
    parts.push(`<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="#e5e7eb"/>`);
    parts.push(`<text x="${left - 6}" y="${at + 4}" text-anchor="end">${label(tick)}</text>`);
  }
  parts.push(`<text x="${(left + right) / 2}" y="${height - 14}" text-anchor="middle">${escaped(xTitle)}</text>`);
  parts.push(
    `<text transform="translate(14 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(yTitle)}</text>`,
  );
  const names = spreadOut(lines.map((line) => y.at(line.points.at(-1)!.y)));
  for (const [index, line] of lines.entries()) {
    const colour = colours[index % colours.length]!;
    const path = line.points.map((point) => `${round(x.at(point.x))},${round(y.at(point.y))}`);
    parts.push(`<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const at of path) {
      const [cx, cy] = at.split(',');
      parts.push(`<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`);
    }
    parts.push(`<text x="${right + 8}" y="${round(names[index]! + 4)}" fill="${colour}">${escaped(line.name)}</text>`);
  }
  return parts.join('\n');
}

/** From the logarithm of the values to pixels; ticks at 1 and 3 of each power of ten. */
function scaleOf(values: number[], from: number, to: number) {
  const [low, high] = [Math.log10(Math.min(...values)) - 0.1, Math.log10(Math.max(...values)) + 0.1];
  const at = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power += 1)
    for (const digit of [1, 3]) {
      const tick = Number(`${digit}e${power}`);
      if (Math.log10(tick) >= low && Math.log10(tick) <= high) ticks.push(tick);
    }
  return { at, ticks };
}

/** Names of lines that end near each other are moved apart, in their order. */
function spreadOut(ends: number[]): number[] {
  const lineHeight = 14;
  const order = ends.map((end, index) => ({ end, index })).sort((a, b) => a.end - b.end);
  for (let at = 1; at < order.length; at += 1)
    order[at]!.end = Math.max(order[at]!.end, order[at - 1]!.end + lineHeight);
  const moved = [...ends];
  for (const { end, index } of order) moved[index] = end;
  return moved;
}

function label(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e3) return `${value / 1e3}k`;
  return String(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
