// What the reply to a change of many breaks can hold. All of them are in it: that they fit is asked before they are changed; of what
// was said about each it has the newest, cut where it is long.
import { type BreakDetails, entriesLookedAtMax } from '../../../shared/app/breaks/break-details.ts';
import { type Failure, fail } from '../../../shared/domain/result.ts';

/** Together less than a reply holds, as it is written into the answer of a function. */
const breaksBytesMax = 3_500_000;
const commentsBytesMax = 1_500_000;
/** Of all breaks, to be read for one reply. */
const entriesReadMax = 2_000;
/** What a change adds beside a comment: who submitted it. */
const addedBytes = 300;

/** Quotation marks are escaped twice: in the body, and around it. */
function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(value)));
}

export function tooLargeForReply(breaks: object[]): Failure | undefined {
  let bytes = 0;
  const breaksMax = breaks.findIndex((one) => {
    bytes += bytesOf(one) + addedBytes;
    return bytes > breaksBytesMax;
  });
  if (breaksMax === -1) return undefined;
  const detail = `The values of these breaks are more than a reply can hold; none was changed. Change at most ${breaksMax} of them at once`;
  return fail('PAGE_TOO_LARGE', detail, { breaksMax });
}

export function entriesPerBreak(breaks: number): number {
  return Math.max(1, Math.min(entriesLookedAtMax, Math.floor(entriesReadMax / breaks)));
}

export function withShortComments({ item, comments }: BreakDetails, breaks: number): BreakDetails {
  let room = Math.floor(commentsBytesMax / breaks);
  const kept: BreakDetails['comments'] = [];
  for (const entry of comments.toReversed()) {
    const bytes = bytesOf(entry);
    if (bytes > room && kept.length > 0) break;
    kept.unshift(bytes > room ? { ...entry, comment: cutTo(entry.comment ?? '', room) } : entry);
    room -= bytes;
  }
  return { item, comments: kept };
}

function cutTo(text: string, bytesMax: number): string {
  let short = text;
  while (bytesOf(short) > bytesMax) short = short.slice(0, Math.floor(short.length / 2));
  // Half of a letter is none.
  return short.replace(/[\uD800-\uDBFF]$/, '');
}
