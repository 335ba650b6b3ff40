// Entry of the recon surface: reads the environment (infra/README.md), builds what it needs once, and serves.
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import { createArgon2Hasher } from '../../shared/adapters/crypto/argon2-hasher.ts';
import { createJwtSigner } from '../../shared/adapters/crypto/jwt-signer.ts';
import { createActivityLog } from '../../shared/adapters/dynamodb/activity-log.ts';
import { createBatchStore } from '../../shared/adapters/dynamodb/batch-store.ts';
import { createBreakStore } from '../../shared/adapters/dynamodb/break-store.ts';
import { createDataSourceStore } from '../../shared/adapters/dynamodb/data-source-store.ts';
import { createDecisionStore } from '../../shared/adapters/dynamodb/decision-store.ts';
import { createIdempotencyStore } from '../../shared/adapters/dynamodb/idempotency-store.ts';
import { createNumberStore } from '../../shared/adapters/dynamodb/number-store.ts';
import { createProjectStore } from '../../shared/adapters/dynamodb/project-store.ts';
import { createRateCounter } from '../../shared/adapters/dynamodb/rate-counter.ts';
import { createReconciliationStore } from '../../shared/adapters/dynamodb/reconciliation-store.ts';
import { createReviewStore } from '../../shared/adapters/dynamodb/review-store.ts';
import { createRunStore } from '../../shared/adapters/dynamodb/run-store.ts';
import { createSessionStore } from '../../shared/adapters/dynamodb/session-store.ts';
import { openTable } from '../../shared/adapters/dynamodb/table.ts';
import { createTaskStore } from '../../shared/adapters/dynamodb/task-store.ts';
import { createUploadStore } from '../../shared/adapters/dynamodb/upload-store.ts';
import { createUserStore } from '../../shared/adapters/dynamodb/user-store.ts';
import { createMatchQuery, createResultQuery } from '../../shared/adapters/lambda/result-query.ts';
import { createS3Client } from '../../shared/adapters/s3/client.ts';
import { createObjectLinks } from '../../shared/adapters/s3/object-links.ts';
import { createObjectStore } from '../../shared/adapters/s3/object-store.ts';
import { createSecretsManagerSource } from '../../shared/adapters/secrets-manager/secret-source.ts';
import { createWorkQueue } from '../../shared/adapters/sqs/work-queue.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import { defaultTenant } from '../../shared/domain/principal.ts';
import { documentedLimits } from '../../shared/http/rate-limit.ts';
import { createHttpFunction } from '../../shared/lambda/http-function.ts';
import { createInvocationLog } from '../../shared/lambda/invocation-log.ts';
import { queueUrls, rateLimitsOf, required } from '../environment.ts';
import { createReconApi } from './api.ts';
import { reconEnvelope } from './envelope.ts';
import type { ReconDeps } from './recon-deps.ts';

const table = openTable(required('TABLE_NAME'));
const bucket = required('BUCKET_NAME');
const s3 = createS3Client();
const publicBaseUrl = required('PUBLIC_BASE_URL');

const deps: ReconDeps = {
  users: createUserStore(table),
  sessions: createSessionStore(table),
  projects: createProjectStore(table),
  dataSources: createDataSourceStore(table),
  uploads: createUploadStore(table),
  reconciliations: createReconciliationStore(table),
  batches: createBatchStore(table, systemClock),
  runs: createRunStore(table),
  tasks: createTaskStore(table),
  breaks: createBreakStore(table),
  decisions: createDecisionStore(table),
  reviews: createReviewStore(table),
  activity: createActivityLog(table, createNumberStore(table), systemClock),
  counter: createRateCounter(table),
  idempotency: createIdempotencyStore(table),
  objects: createObjectStore(bucket, s3),
  links: createObjectLinks(bucket, s3),
  queue: createWorkQueue(queueUrls()),
  results: createResultQuery(required('QUERY_FUNCTION_NAME')),
  matches: createMatchQuery(required('QUERY_FUNCTION_NAME')),
  hasher: createArgon2Hasher(),
  signer: createJwtSigner(createSecretsManagerSource(required('JWT_SECRET_ARN'))),
  clock: systemClock,
  ids: createIds(systemClock),
  limits: rateLimitsOf(documentedLimits),
  registration: process.env.SELF_REGISTRATION === 'on' ? { tenant: defaultTenant } : {},
  settings: { ...pipelineDefaults, bucket, scratchDirectory: '/tmp' },
  exportWaitMs: 24_000,
  publicBaseUrl,
};

const log = createInvocationLog('api-recon');
const tracer = new Tracer({ serviceName: 'api-recon' });

export const handler = createHttpFunction({
  api: createReconApi(deps, (error, request) => log.fault(error, { requestId: request.requestId })),
  envelope: reconEnvelope,
  basePath: new URL(publicBaseUrl).pathname.replace(/\/$/, ''),
  log,
  tracing: captureLambdaHandler(tracer, { captureResponse: false }),
});
