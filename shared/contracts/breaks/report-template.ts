// A report template on the wire: the shape alone. Whether titles, outcomes, fields and formats make sense is said by the domain,
// which lists those faults with the others of the graph; so what is an enumeration there is text here.
import { z } from 'zod';

const values = z.array(z.string()).optional();

const column = z.strictObject({
  order: z.number().optional().describe('Columns come in this order; those without one after them'),
  title: z.string().nullish().describe('Made of the names of field and source when absent'),
  field: z.string().describe('A canonical field; for side ITEM a property of the break or match, as breakId or status'),
  side: z.string().describe('SOURCE_A, SOURCE_B, DIFFERENCE or ITEM'),
  formattingHint: z.string().nullish().describe('As #,##0.00 or dd.MM.yyyy; that of the field when absent'),
  highlightDifferences: z.boolean().optional().describe('That of the sheet when absent'),
});

const sheet = z.strictObject({
  title: z.string().describe('At most 31 characters, none of \\ / ? * [ ] :'),
  outcomes: z
    .array(z.string())
    .describe('SUMMARY or COMMENTS alone, or any of MATCHED, MISMATCHED, MISSING, DUPLICATE, AMBIGUOUS, EXHAUSTED'),
  columns: z.array(column).optional().describe('What is known of the item, then each field of both sides, when absent'),
  highlightDifferences: z.boolean().optional().describe('Colours the values that differ; true when absent'),
  autoFilter: z.boolean().optional().describe('Filter buttons in the header; true when absent'),
  include: z
    .strictObject({ statuses: values, breakTypes: values, products: values, subProducts: values, entities: values })
    .optional()
    .describe('Only rows that have one of the values of each list'),
});

export const reportTemplate = z
  .strictObject({
    name: z.string(),
    description: z.string().nullish(),
    active: z.boolean().default(true).describe('At most one template of a definition is'),
    sheets: z.array(sheet),
  })
  .describe('How the workbook of a run is laid out');
