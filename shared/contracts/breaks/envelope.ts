// The shapes that bodies of the break management surface share. Successes are bare, as its document shows them; ids are
// JSON integers; an error is always the same six fields.
import { z } from 'zod';

export const timestamp = z.iso.datetime();

/** A whole number written in a path or a query: decimal digits and nothing else, at most 2^53 − 1. */
export const integerText = (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  z.preprocess((text: number) => readDigits(text), z.int().min(min).max(max));

function readDigits(text: unknown): unknown {
  return typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : text;
}

export const idInPath = integerText(1);
export const idParams = z.object({ id: idInPath });
/** An id in a JSON body. */
export const integerId = z.int().min(1);

/** Pages are counted from 0. */
export const pageQuery = {
  page: integerText(0, 1_000_000).default(0).describe('Page number, from 0'),
  size: integerText(1, 1_000).default(20).describe('Items per page, at most 1000'),
};

export const pageOf = <const Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    totalElements: z.int(),
    totalPages: z.int(),
    page: z.int(),
    size: z.int(),
  });

export const breaksError = z.object({
  status: z.int().describe('The HTTP status'),
  error: z.string().describe('One of the codes listed with the operation'),
  message: z.string(),
  detail: z
    .looseObject({
      faults: z
        .array(z.object({ path: z.string(), message: z.string() }))
        .optional()
        .describe('Every fault of the input, each with its path: `canonicalFields[2].mappings[0].sourceCode`'),
    })
    .describe('Machine-readable particulars; empty where there are none'),
  correlationId: z.string().describe('Quote this when asking for help; it is in the logs too'),
  timestamp,
});
