// Whom an event of a definition is mailed to, and in which words. The channels are those of its access entries; who opens
// the link still has to be somebody who may see what is there.
import { isSameName } from '../../domain/distinguished-name.ts';
import type { AccessEntry } from '../../domain/graph/graph.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { keepMails, type NotifyDeps } from './keep-mails.ts';

type Defined = Reconciliation & Required<Pick<Reconciliation, 'graph'>>;

/** It became PUBLISHED in this version of its graph. */
export async function notifyPublished(deps: NotifyDeps, reconciliation: Reconciliation): Promise<void> {
  if (!isDefined(reconciliation)) return;
  const { graph, reconciliationId } = reconciliation;
  await keepMails(deps, {
    tenant: reconciliation.tenant,
    cause: `published/${reconciliationId}/${graph.version}`,
    to: channelsOf(graph.accessControlEntries, ({ notifyOnPublish }) => notifyOnPublish),
    subject: `${graph.code}: published`,
    text: `Reconciliation ${nameOf(reconciliation)} was published in version ${graph.version} by ${graph.updatedBy}.`,
    path: `/api/admin/reconciliations/${graph.number}`,
  });
}

export async function notifyIngestionFailure(
  deps: NotifyDeps,
  reconciliation: Reconciliation,
  batch: { id: number; source: string; code: string; cause: string },
): Promise<void> {
  if (!isDefined(reconciliation)) return;
  const { graph } = reconciliation;
  await keepMails(deps, {
    tenant: reconciliation.tenant,
    cause: batch.cause,
    to: channelsOf(graph.accessControlEntries, wantsIngestion),
    subject: `${graph.code}: a batch of ${batch.source} failed`,
    // The reason's sentence may quote the file; its code does not.
    text: `Batch ${batch.id} of source ${batch.source} of reconciliation ${nameOf(reconciliation)} could not be loaded: ${batch.code}.`,
    path: `/api/admin/reconciliations/${graph.number}`,
  });
}

export async function notifyLate(
  deps: NotifyDeps,
  reconciliation: Reconciliation,
  { source, due, cause }: { source: string; due: number; cause: string },
): Promise<void> {
  if (!isDefined(reconciliation)) return;
  const { graph } = reconciliation;
  await keepMails(deps, {
    tenant: reconciliation.tenant,
    cause,
    to: channelsOf(graph.accessControlEntries, wantsIngestion),
    subject: `${graph.code}: source ${source} is late`,
    text: `No batch of source ${source} of reconciliation ${nameOf(reconciliation)} was received; one was due at ${new Date(due).toISOString()}.`,
    path: `/api/admin/reconciliations/${graph.number}/schema`,
  });
}

/** To the channels of the access entries that make the assignee somebody here. */
export async function notifyAssigned(
  deps: NotifyDeps,
  reconciliation: Reconciliation,
  assignment: { breakId: number; runId: number; assignee: { dn: string; groups: string[] }; by: string; cause: string },
): Promise<void> {
  if (!isDefined(reconciliation)) return;
  const { graph } = reconciliation;
  const { breakId, runId, assignee, by, cause } = assignment;
  await keepMails(deps, {
    tenant: reconciliation.tenant,
    cause,
    to: channelsOf(graph.accessControlEntries, ({ ldapGroupDn }) =>
      assignee.groups.some((group) => isSameName(group, ldapGroupDn)),
    ),
    subject: `${graph.code}: break ${breakId} was assigned`,
    text: `Break ${breakId} of reconciliation ${nameOf(reconciliation)} was assigned to ${assignee.dn} by ${by}.`,
    path: `/api/reconciliations/runs/${runId}`,
  });
}

function isDefined(reconciliation: Reconciliation): reconciliation is Defined {
  return reconciliation.graph !== undefined;
}

function nameOf({ graph }: Defined): string {
  return `${graph.code} (${graph.number})`;
}

/** A source that is late is data that did not come in, as much as a file that could not be read. */
function wantsIngestion({ notifyOnIngestionFailure }: AccessEntry): boolean {
  return notifyOnIngestionFailure;
}

function channelsOf(entries: readonly AccessEntry[], wanted: (entry: AccessEntry) => boolean): string[] {
  return entries.filter(wanted).flatMap(({ notificationChannel }) => notificationChannel ?? []);
}
