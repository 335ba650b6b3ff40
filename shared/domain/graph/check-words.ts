// Says which words of a graph are none that a graph has: they are told together with its other faults.
import type { Report } from '../check-values.ts';
import {
  accessRoles,
  adapterTypes,
  type ConfigurationGraph,
  comparisonLogics,
  dataTypes,
  fieldRoles,
} from './graph.ts';

export function checkWords(
  { sources, canonicalFields, accessControlEntries }: ConfigurationGraph,
  report: Report,
): void {
  const check = (word: string, words: readonly string[], path: string): void => {
    if (!words.includes(word)) report(path, `"${word}" is none of ${words.join(', ')}`);
  };
  for (const [index, { adapterType }] of sources.entries())
    check(adapterType, adapterTypes, `sources[${index}].adapterType`);
  for (const [index, { role, dataType, comparisonLogic }] of canonicalFields.entries()) {
    const path = `canonicalFields[${index}]`;
    check(role, fieldRoles, `${path}.role`);
    check(dataType, dataTypes, `${path}.dataType`);
    check(comparisonLogic, comparisonLogics, `${path}.comparisonLogic`);
  }
  for (const [index, { role }] of accessControlEntries.entries())
    check(role, accessRoles, `accessControlEntries[${index}].role`);
}
