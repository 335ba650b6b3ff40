// Says everything that is wrong with a configuration graph, all at once, each fault with its path. What only a run needs (two
// sources, keys mapped everywhere) is no fault of a draft: `check-runnable.ts` says that.
import { checkName, checkText, type Report } from '../check-values.ts';
import { canonicalName } from '../distinguished-name.ts';
import { cronFault, isTimeZone } from '../schedule.ts';
import { checkCanonicalFields } from './check-canonical-fields.ts';
import { checkReportTemplates } from './check-report-templates.ts';
import { checkSources } from './check-sources.ts';
import { checkWords } from './check-words.ts';
import type { AccessEntry, ConfigurationGraph } from './graph.ts';

/** `path` is a JSON path from the graph: `canonicalFields[2].mappings[0].sourceCode`. */
export type GraphFault = { path: string; message: string };

const accessEntriesMax = 200;
/** As folders and paths of URLs take them without escapes. */
const codeShape = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
/** Enough to see a slip of the pen; whether mail arrives is known only when it is sent. */
const mailShape = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,255}$/;

export function checkGraph(graph: ConfigurationGraph): GraphFault[] {
  const faults: GraphFault[] = [];
  const report: Report = (path, message) => faults.push({ path, message });
  checkWords(graph, report);
  if (!codeShape.test(graph.code))
    report('code', 'must be 1 to 63 letters, digits, "_" and "-", beginning with a letter or digit');
  checkName(graph.name, 'name', report);
  for (const key of ['description', 'owner', 'notes'] as const) checkText(graph[key], key, report);
  checkAutoTrigger(graph, report);
  checkSources(graph.sources, report);
  checkCanonicalFields(graph, report);
  checkReportTemplates(graph.reportTemplates, graph.canonicalFields, report);
  checkAccessEntries(graph.accessControlEntries, report);
  return faults;
}

function checkAutoTrigger(graph: ConfigurationGraph, report: Report): void {
  const { autoTriggerEnabled, autoTriggerCron, autoTriggerTimezone } = graph;
  if (autoTriggerEnabled && autoTriggerCron === null) report('autoTriggerCron', 'is required when autoTriggerEnabled');
  const fault = autoTriggerCron === null ? undefined : cronFault(autoTriggerCron);
  if (fault) report('autoTriggerCron', fault);
  if (autoTriggerTimezone !== null && !isTimeZone(autoTriggerTimezone))
    report('autoTriggerTimezone', `"${autoTriggerTimezone}" is no IANA time zone`);
}

function checkAccessEntries(entries: readonly AccessEntry[], report: Report): void {
  if (entries.length > accessEntriesMax) report('accessControlEntries', `must be at most ${accessEntriesMax}`);
  const seen = new Map<string, number>();
  for (const [index, { ldapGroupDn, role, notificationChannel }] of entries.entries()) {
    const path = `accessControlEntries[${index}]`;
    const name = canonicalName(ldapGroupDn);
    if (!name) report(`${path}.ldapGroupDn`, 'must be a full name such as "CN=RECON_PREPARERS,OU=Groups,DC=corp"');
    const earlier = seen.get(`${role} ${name}`);
    if (name && earlier !== undefined)
      report(path, `accessControlEntries[${earlier}] gives this group the role ${role} too`);
    else seen.set(`${role} ${name}`, index);
    if (notificationChannel !== null && !mailShape.test(notificationChannel))
      report(`${path}.notificationChannel`, 'must be an e-mail address');
  }
}
