// Takes in what arrives: objects of the drop folder become batches, announced uploads become known, uploads are profiled.
import { createUploadProfiler } from '../../shared/app/uploads/duckdb-upload-profiler.ts';
import { profileUpload } from '../../shared/app/uploads/profile-upload.ts';
import { engineLimits } from '../compose-pipeline.ts';
import { createQueueWorker } from '../queue-worker.ts';

const profiler = createUploadProfiler(engineLimits());

export const handler = createQueueWorker('ingest', (deps, message) => profileUpload({ ...deps, profiler }, message));
