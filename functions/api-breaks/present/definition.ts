// A definition in the words of the surface: the whole graph, its line in a list, its schema. What was not given is null.
import type { Defined } from '../../../shared/app/definitions/definition-deps.ts';
import { arrivalWatchOf } from '../../../shared/domain/arrival.ts';
import { dropFolder } from '../../../shared/domain/object-keys.ts';

export function presentDefinition({ status, createdAt, graph, ...rest }: Defined, lastIngestionAt: string | null) {
  const { number, version, createdBy, updatedBy, updatedAt, sources, ...written } = graph;
  return {
    id: number,
    ...written,
    status,
    version,
    createdAt,
    createdBy,
    updatedAt,
    updatedBy,
    lastIngestionAt,
    sources: sources.map((source) => ({
      ...source,
      ...waysInto({ ...rest, graph }, source.code),
      arrivalWatched: arrivalWatchOf(source) !== undefined,
    })),
  };
}

export function presentListed({ status, graph }: Defined, lastIngestionAt: string | null) {
  const { number: id, code, name, makerCheckerEnabled, updatedAt, owner, updatedBy } = graph;
  return { id, code, name, status, makerCheckerEnabled, updatedAt, owner, updatedBy, lastIngestionAt };
}

export function presentSchema(reconciliation: Defined) {
  const { graph } = reconciliation;
  return {
    definitionId: graph.number,
    code: graph.code,
    name: graph.name,
    sources: graph.sources.map((source) => {
      const { code, adapterType, anchor, connectionConfig, adapterOptions } = source;
      const { arrivalExpectation, arrivalTimezone, arrivalSlaMinutes } = source;
      return {
        code,
        adapterType,
        anchor,
        connectionConfig,
        arrivalExpectation,
        arrivalTimezone,
        arrivalSlaMinutes,
        adapterOptions,
        ...waysInto(reconciliation, code),
      };
    }),
    fields: graph.canonicalFields.map((field) => {
      const { displayName, canonicalName, role, dataType, comparisonLogic, thresholdPercentage } = field;
      const { formattingHint, required, mappings } = field;
      return {
        displayName,
        canonicalName,
        role,
        dataType,
        comparisonLogic,
        thresholdPercentage,
        formattingHint,
        required,
        mappings: mappings.map(({ sourceCode, sourceColumn = null, required: must, expression }) => ({
          sourceCode,
          sourceColumn,
          required: must,
          ...(expression !== undefined && { expression }),
        })),
      };
    }),
  };
}

export function batchesPath(number: number, sourceCode: string): string {
  return `/api/admin/reconciliations/${number}/sources/${encodeURIComponent(sourceCode)}/batches`;
}

function waysInto({ tenant, code, graph }: Pick<Defined, 'tenant' | 'code' | 'graph'>, source: string) {
  return { ingestionEndpoint: batchesPath(graph.number, source), dropFolder: dropFolder({ tenant, code, source }) };
}
