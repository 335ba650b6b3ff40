// Says what keeps a graph from being run, in its own words and paths: the core's faults of the definition that it compiles to.
import { checkDefinition } from '../check-definition.ts';
import type { GraphFault } from './check-graph.ts';
import { compileGraph } from './compile-graph.ts';
import type { ConfigurationGraph } from './graph.ts';

export function checkRunnable(graph: ConfigurationGraph): GraphFault[] {
  return checkDefinition(compileGraph(graph)).map(({ path, message }) => ({
    path: pathInGraph(path, graph),
    message: message.replaceAll(/\bfields\[/g, 'canonicalFields['),
  }));
}

/** `fields[2].mapping.BANK.column` → `canonicalFields[2].mappings[0].expression.column`. */
function pathInGraph(path: string, graph: ConfigurationGraph): string {
  const field = /^fields(?:\[(\d+)\](.*))?$/s.exec(path);
  if (field) {
    if (field[1] === undefined) return 'canonicalFields';
    return `canonicalFields[${field[1]}]${fieldPath(field[2]!, graph.canonicalFields[Number(field[1])]?.mappings ?? [])}`;
  }
  return path.replace(/^(sources\[\d+\])\.name/, '$1.code').replace(/^(sources\[\d+\])\.input/, '$1.adapterOptions');
}

const renamed: Record<string, string> = {
  '.name': '.canonicalName',
  '.type': '.dataType',
  '.comparison': '.comparisonLogic',
};

function fieldPath(
  rest: string,
  mappings: readonly { sourceCode: string; expression?: unknown; required: boolean }[],
): string {
  const ofSource = /^\.(mapping|reading)(?:\.|$)/.exec(rest);
  if (!ofSource) return renamed[rest] ?? rest;
  const after = rest.slice(ofSource[0].length);
  // `GL.2` begins with `GL.`: the longest code is the one that is meant.
  const [mapping] = mappings
    .filter(({ sourceCode }) => after === sourceCode || after.startsWith(`${sourceCode}.`))
    .sort((a, b) => b.sourceCode.length - a.sourceCode.length);
  if (!mapping) return '.mappings';
  const part = ofSource[1] === 'reading' ? '.reading' : mapping.expression ? '.expression' : '.sourceColumn';
  return `.mappings[${mappings.indexOf(mapping)}]${part}${after.slice(mapping.sourceCode.length)}`;
}
