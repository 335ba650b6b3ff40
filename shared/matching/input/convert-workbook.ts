// Not built yet.
export async function convertWorkbook(
  ..._: unknown[]
): Promise<{
  reader: import('./prepare-file.ts').Reader;
  columns: string[];
  sample: (string | null)[][];
  preamble: string[];
  footer: string[];
}> {
  throw new Error('not built yet');
}
