// Each minute asks again for work that was begun and that nobody is doing.
import { sweep } from '../../shared/app/runs/sweep.ts';
import { createInvocationLog } from '../../shared/lambda/invocation-log.ts';
import { composePipeline } from '../compose-pipeline.ts';

const deps = composePipeline();
const log = createInvocationLog('sweep');

export async function handler(): Promise<void> {
  try {
    log.line({ found: await sweep(deps) });
  } catch (error) {
    log.fault(error, {});
    throw error;
  }
}
