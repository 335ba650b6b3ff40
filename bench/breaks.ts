// `npm run bench:breaks`: what the break management surface takes for its lists and runs, and for a workbook of 100,000 breaks.
// `-- lists` or `-- workbook` measures that part alone. Prints tables and writes them into bench/results.md.
import { measureLists } from './breaks/lists.ts';
import { measureWorkbook } from './breaks/workbook.ts';

const parts = { lists: measureLists, workbook: measureWorkbook };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0)
  throw new Error(`unknown: ${unknown.join(', ')}; the parts are ${Object.keys(parts).join(', ')}`);
for (const [name, measure] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await measure();
