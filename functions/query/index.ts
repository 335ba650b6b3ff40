// Reads results with the engine, for functions that answer requests and have none.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueryRequest } from '../../shared/adapters/lambda/result-query.ts';
import { createMatchQuery } from '../../shared/app/decisions/look-at-matches.ts';
import { createRunWorkbook } from '../../shared/app/exports/run-workbook.ts';
import { createObjectCache } from '../../shared/app/results/object-cache.ts';
import { createRunResults } from '../../shared/app/results/run-results.ts';
import { keepEngine } from '../../shared/app/run-view/kept-engine.ts';
import { createRunView } from '../../shared/app/run-view/read-run-view.ts';
import { FailureError, ok, type Result } from '../../shared/domain/result.ts';
import { createInvocationLog } from '../../shared/lambda/invocation-log.ts';
import { composePipeline, engineLimits } from '../compose-pipeline.ts';

/** Half of the scratch space; the other half is for what is sorted, joined and exported. */
const cacheBytesMax = 4 * 1024 ** 3;

/** A function's answer holds 6 MiB; a letter can take 3 bytes, most take 1. */
const pageCharactersMax = 4_000_000;

/** At 400,000 cells a second, measured on one processor of half the speed, 100 of the 180 seconds that a call may take. */
const workbookCellsMax = 40_000_000;

const deps = composePipeline();
const cache = createObjectCache(deps, join(tmpdir(), 'tieout-results'), cacheBytesMax);
const results = createRunResults({ ...deps, cache, engineLimits: engineLimits(), pageCharactersMax, workbookCellsMax });
const matches = createMatchQuery({ ...deps, cache, engineLimits: engineLimits() });
/** One thread: for a run of a thousand breaks the second costs more than it does. */
const kept = keepEngine({
  directory: join(tmpdir(), 'tieout-view'),
  allowed: [cache.directory],
  ...engineLimits(),
  threads: 1,
});
const view = createRunView({ ...deps, cache, engineLimits: engineLimits(), kept, pageCharactersMax });
const workbooks = createRunWorkbook({ ...deps, cache, engineLimits: engineLimits() });
const log = createInvocationLog('query');

export async function handler(request: QueryRequest): Promise<Result<unknown>> {
  const startedAt = Date.now();
  const [run] = request.arguments;
  try {
    const value = await answer(request);
    log.line({ operation: request.operation, run, durationMs: Date.now() - startedAt });
    return ok(value);
  } catch (error) {
    if (!(error instanceof FailureError)) {
      log.fault(error, { operation: request.operation, run });
      throw error;
    }
    log.line({ operation: request.operation, run, refused: error.failure.code });
    return error.failure;
  }
}

function answer(request: QueryRequest): Promise<unknown> {
  switch (request.operation) {
    case 'page':
      return results.page(...request.arguments);
    case 'tally':
      return results.tally(...request.arguments);
    case 'export':
      return results.export(...request.arguments);
    case 'find':
      return matches.find(...request.arguments);
    case 'undo':
      return matches.undo(...request.arguments);
    case 'records':
      return matches.records(...request.arguments);
    case 'view':
      return view.page(...request.arguments);
    case 'breaks-of':
      return view.breaksOf(...request.arguments);
    case 'workbook':
      return workbooks.workbook(...request.arguments);
  }
}
