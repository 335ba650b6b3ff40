// What the activity feed says of deeds on breaks: each entry of a break's history is one event.
import type { BreakEntry, BreakStatus } from '../../domain/break.ts';
import type { ActivityEntry } from '../../ports/activity-log.ts';
import type { VisibleBreak } from './visible-breaks.ts';

export function toldOfDeed({ id, item }: Pick<VisibleBreak, 'id' | 'item'>, entry: BreakEntry): ActivityEntry {
  const { tenant, reconciliationId } = item;
  const cause = `break/${id}/${entry.number}`;
  return { tenant, reconciliationId, ...sentenceOf(id, entry), actorDn: entry.actorDn, cause };
}

function sentenceOf(id: number, entry: BreakEntry): Pick<ActivityEntry, 'eventType' | 'details' | 'difference'> {
  const { status, assignee, reasonCode, actorDn } = entry;
  if (status) {
    return {
      eventType: 'BREAK_STATUS_CHANGE',
      details: movedSentence(id, status.to, actorDn),
      difference: { status: { before: status.from, after: status.to } },
    };
  }
  if (assignee) {
    return {
      eventType: 'BREAK_ASSIGNMENT',
      details: `Break ${id} assigned to ${assignee.to ?? 'nobody'} by ${actorDn}`,
      difference: { assignee: { before: assignee.from, after: assignee.to } },
    };
  }
  if (reasonCode) {
    return {
      eventType: 'BREAK_REASON',
      details: `Break ${id} given the reason ${reasonCode.to ?? 'none'} by ${actorDn}`,
      difference: { reasonCode: { before: reasonCode.from, after: reasonCode.to } },
    };
  }
  return { eventType: 'BREAK_COMMENT', details: `Break ${id} commented on by ${actorDn}` };
}

export function movedSentence(id: number, to: BreakStatus, actorDn: string): string {
  return `Break ${id} moved to ${to} by ${actorDn}`;
}
