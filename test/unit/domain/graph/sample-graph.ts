// Graphs for tests: the one of the document, and any that says only what matters to its test.
import type {
  AccessEntry,
  CanonicalField,
  ConfigurationGraph,
  FieldMapping,
  GraphSource,
} from '../../../../shared/domain/graph/graph.ts';

export type SourceOf = Partial<GraphSource> & Pick<GraphSource, 'code'>;
export type MappingOf = Partial<FieldMapping> & Pick<FieldMapping, 'sourceCode'>;
export type CanonicalFieldOf = Partial<Omit<CanonicalField, 'mappings'>> & {
  canonicalName: string;
  mappings: MappingOf[];
};
export type GraphOf = Partial<Omit<ConfigurationGraph, 'sources' | 'canonicalFields'>> & {
  sources?: SourceOf[];
  canonicalFields?: CanonicalFieldOf[];
};

const sources: SourceOf[] = [
  { code: 'CUSTODY_FEED', adapterType: 'CSV_FILE', anchor: true },
  { code: 'GL_LEDGER', adapterType: 'DATABASE', anchor: false },
];

export const mapped = (column: string): MappingOf[] => [
  { sourceCode: 'CUSTODY_FEED', sourceColumn: column },
  { sourceCode: 'GL_LEDGER', sourceColumn: column },
];

export function sourceOf(source: SourceOf): GraphSource {
  return {
    displayName: null,
    adapterType: 'CSV_FILE',
    anchor: false,
    description: null,
    connectionConfig: null,
    adapterOptions: null,
    arrivalExpectation: null,
    arrivalTimezone: null,
    arrivalSlaMinutes: null,
    ...source,
  };
}

export function fieldOf({ mappings, ...field }: CanonicalFieldOf): CanonicalField {
  return {
    displayName: null,
    role: 'COMPARE',
    dataType: 'STRING',
    comparisonLogic: 'EXACT_MATCH',
    thresholdPercentage: null,
    formattingHint: null,
    required: false,
    mappings: mappings.map((mapping) => ({ required: true, ...mapping })),
    ...field,
  };
}

export function entryOf(entry: Partial<AccessEntry>): AccessEntry {
  return {
    ldapGroupDn: 'CN=RECON_PREPARERS,OU=Groups,DC=corp,DC=example',
    role: 'MAKER',
    notifyOnPublish: false,
    notifyOnIngestionFailure: false,
    notificationChannel: null,
    ...entry,
  };
}

export function graphOf(changes: GraphOf = {}): ConfigurationGraph {
  const { sources: given = sources, canonicalFields = [keyField], ...rest } = changes;
  return {
    code: 'CUSTODY_GL',
    name: 'Custody vs GL',
    description: null,
    owner: null,
    notes: null,
    makerCheckerEnabled: true,
    autoTriggerEnabled: false,
    autoTriggerCron: null,
    autoTriggerTimezone: null,
    autoTriggerGraceMinutes: null,
    sources: given.map(sourceOf),
    canonicalFields: canonicalFields.map(fieldOf),
    reportTemplates: [],
    accessControlEntries: [],
    ...rest,
  };
}

export const keyField: CanonicalFieldOf = { canonicalName: 'tradeId', role: 'KEY', mappings: mapped('trade_id') };
