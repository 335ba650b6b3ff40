// bench/results.md: one section per bench, each replaced by its own run, so that a run of one keeps the other's figures.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { root } from './paths.ts';

const path = `${root}bench/results.md`;
const opening =
  '# Measured\n\nWritten by the benches, a section each; figures of one section come from one run on one machine.\n';

/** `markdown` without a heading; `title` is the section's identity. */
export function writeSection(title: string, markdown: string): void {
  const page = existsSync(path) ? readFileSync(path, 'utf8') : opening;
  const sections = page.split(/^(?=## )/m);
  const section = `## ${title}\n\n${markdown.trim()}\n`;
  const at = sections.findIndex((found) => found.startsWith(`## ${title}\n`));
  if (at < 0) sections.push(section);
  else sections[at] = section;
  writeFileSync(path, `${sections.map((found) => found.trim()).join('\n\n')}\n`);
}

export function machine(): string {
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

export function table(rows: string[][]): string {
  const [header = [], ...body] = rows;
  return [header, header.map((_, column) => (column === 0 ? '---' : '---:')), ...body]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}
