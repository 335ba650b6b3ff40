// The workbook of a run: a file for people, laid out by the active report template of its reconciliation. The answer comes by way
// of the `query` function, which alone has the engine.
import type { RunRef } from '../domain/run.ts';

export type WorkbookFile = { key: string; bytes: number; contentType: string };

export type RunWorkbook = {
  /**
   * Writes the workbook to the store, or finds one that still says how things are, and answers its key. Of a settled run;
   * RESULTS_NOT_READY for any other.
   */
  workbook(run: RunRef): Promise<WorkbookFile>;
};
