// A row of a file that could not be read, as every surface shows it.
import { z } from 'zod';

export const rejectedRow = z.object({
  line: z.int().nullable(),
  column: z.string().nullable(),
  value: z.string().nullable(),
  reason: z.string(),
});
