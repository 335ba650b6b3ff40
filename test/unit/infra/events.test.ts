// The sample events have the shape that AWS and our own queues give, and every trigger has one.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { functions } from '../../../infra/functions.ts';
import { projectRoot } from '../../../infra/local/paths.ts';
import { objectNotification } from '../../../shared/contracts/messages/object-notification.ts';
import { workMessage } from '../../../shared/contracts/messages/work-message.ts';

const directory = join(projectRoot, 'events');
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
const ofFunction = (name: string) => files.filter((file) => file.startsWith(`${name}/`));

const sqsEvent = z.strictObject({
  Records: z
    .array(
      z.strictObject({
        messageId: z.uuid(),
        receiptHandle: z.string().min(1),
        body: z.string(),
        attributes: z.record(z.string(), z.string()).refine((one) => 'ApproximateReceiveCount' in one),
        messageAttributes: z.record(z.string(), z.unknown()),
        md5OfBody: z.string().regex(/^[0-9a-f]{32}$/),
        eventSource: z.literal('aws:sqs'),
        eventSourceARN: z.string().regex(/^arn:aws:sqs:[a-z0-9-]+:\d{12}:tieout-[a-z-]+$/),
        awsRegion: z.string(),
      }),
    )
    .length(1),
});
const httpEvent = z.object({
  version: z.literal('2.0'),
  routeKey: z.literal('$default'),
  rawPath: z.string().startsWith('/'),
  rawQueryString: z.string(),
  headers: z.record(z.string().regex(/^[a-z0-9-]+$/), z.string()),
  requestContext: z.object({ http: z.object({ method: z.string(), path: z.string(), sourceIp: z.ipv4() }) }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
});
const scheduled = z.object({
  'detail-type': z.literal('Scheduled Event'),
  source: z.literal('aws.events'),
  detail: z.object({}),
});
const query = z.strictObject({ operation: z.enum(['page', 'export', 'view']), arguments: z.array(z.unknown()).min(2) });
const invoked: Record<string, z.ZodType> = {
  query,
  directory: z.strictObject({ operation: z.literal('lookUp'), dn: z.string() }),
};

describe('the sample events', () => {
  it.each(functions.map(({ name }) => name))('are there for %s', (name) => {
    expect(ofFunction(name)).not.toEqual([]);
  });

  it.each(files)('%s has the shape of its trigger', (file) => {
    const spec = functions.find(({ name }) => file.startsWith(`${name}/`));
    const event: unknown = JSON.parse(readFileSync(join(directory, file), 'utf8'));
    switch (spec?.trigger.kind) {
      case 'queue':
      case 'dead-letters': {
        const [record] = sqsEvent.parse(event).Records;
        expect(record?.md5OfBody).toBe(
          createHash('md5')
            .update(record?.body ?? '')
            .digest('hex'),
        );
        expect(record?.eventSourceARN).toMatch(
          spec.trigger.kind === 'queue' ? new RegExp(`-${spec.trigger.queue}$`) : /-dead$/,
        );
        z.union([objectNotification, workMessage]).parse(JSON.parse(record?.body ?? ''));
        return;
      }
      case 'http':
        httpEvent.parse(event);
        return;
      case 'every-minute':
        scheduled.parse(event);
        return;
      case 'invoke':
        invoked[spec.name]!.parse(event);
        return;
      default:
        expect.fail(`${file} is in the folder of no function`);
    }
  });
});
