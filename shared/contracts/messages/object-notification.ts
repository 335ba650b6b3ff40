// What S3 sends to a queue when an object arrives: records of created objects, or the test event that announces the
// notification itself. Other fields are S3's own and are left aside.
import { z } from 'zod';

const record = z.object({
  eventSource: z.literal('aws:s3'),
  eventName: z.string(),
  s3: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({
      /** Encoded as a form is: `+` for a space, percent signs for the rest. */
      key: z.string().min(1),
      size: z.int().nonnegative().optional(),
      /** Absent where the bucket keeps no versions. */
      versionId: z.string().min(1).optional(),
    }),
  }),
});

export const objectNotification = z.union([
  z.object({ Records: z.array(record).min(1) }),
  z.object({ Service: z.literal('Amazon S3'), Event: z.literal('s3:TestEvent') }),
]);
