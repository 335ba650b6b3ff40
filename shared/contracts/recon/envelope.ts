// The shapes that all bodies of the recon surface share. An error has no `success`; a create shows the new object both in
// `data` and beside it, because the documented examples read `.id` of one and `.data.id` of another.
import { z } from 'zod';

export const timestamp = z.iso.datetime();
export const idParams = z.object({ id: z.uuid() });

export const dataOf = <const Schema extends z.ZodType>(data: Schema) => z.object({ success: z.literal(true), data });

export const createdOf = <const Shape extends z.ZodRawShape>(data: z.ZodObject<Shape>) =>
  z.object({ success: z.literal(true), data, ...data.shape });

export const messageOf = <const Text extends string>(message: Text) =>
  z.object({ success: z.literal(true), message: z.literal(message) });

export const pageQuery = {
  page: z.coerce.number<number>().int().min(1).max(1_000_000).default(1).describe('Page number, from 1'),
  per_page: z.coerce.number<number>().int().min(1).max(1_000).default(20).describe('Items per page, at most 1000'),
};

export const pagination = z.object({
  page: z.int(),
  per_page: z.int(),
  total: z.int(),
  total_pages: z.int(),
});

export const reconError = z.object({
  error: z.string().describe('One of the codes listed with the operation'),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).describe('`field` names the offending field, where there is one'),
  timestamp,
  request_id: z.string().describe('Quote this when asking for help'),
});
