// Entry of the break management surface: reads the environment (infra/README.md), builds what it needs once, and serves.
import { setTimeout as sleep } from 'node:timers/promises';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import { createJwtSigner } from '../../shared/adapters/crypto/jwt-signer.ts';
import { createActivityLog } from '../../shared/adapters/dynamodb/activity-log.ts';
import { createBatchStore } from '../../shared/adapters/dynamodb/batch-store.ts';
import { createBreakStore } from '../../shared/adapters/dynamodb/break-store.ts';
import { createBulkStore } from '../../shared/adapters/dynamodb/bulk-store.ts';
import { createIdempotencyStore } from '../../shared/adapters/dynamodb/idempotency-store.ts';
import { createMailOutbox } from '../../shared/adapters/dynamodb/mail-outbox.ts';
import { createNumberStore } from '../../shared/adapters/dynamodb/number-store.ts';
import { createRateCounter } from '../../shared/adapters/dynamodb/rate-counter.ts';
import { createReconciliationStore } from '../../shared/adapters/dynamodb/reconciliation-store.ts';
import { createRunStore } from '../../shared/adapters/dynamodb/run-store.ts';
import { createSessionStore } from '../../shared/adapters/dynamodb/session-store.ts';
import { openTable } from '../../shared/adapters/dynamodb/table.ts';
import { createTicketStore } from '../../shared/adapters/dynamodb/ticket-store.ts';
import { createDirectory } from '../../shared/adapters/lambda/directory.ts';
import { createRunView, createRunWorkbook } from '../../shared/adapters/lambda/result-query.ts';
import { createS3Client } from '../../shared/adapters/s3/client.ts';
import { createObjectLinks } from '../../shared/adapters/s3/object-links.ts';
import { createObjectStore } from '../../shared/adapters/s3/object-store.ts';
import { createSecretsManagerSource } from '../../shared/adapters/secrets-manager/secret-source.ts';
import { createWorkQueue } from '../../shared/adapters/sqs/work-queue.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import { documentedGroups } from '../../shared/domain/break-access.ts';
import { defaultTenant } from '../../shared/domain/principal.ts';
import { generousLimits } from '../../shared/http/rate-limit.ts';
import { createHttpFunction } from '../../shared/lambda/http-function.ts';
import { createInvocationLog } from '../../shared/lambda/invocation-log.ts';
import { queueUrls, rateLimitsOf, required } from '../environment.ts';
import { createBreaksApi } from './api.ts';
import type { BreaksDeps } from './breaks-deps.ts';
import { breaksEnvelope } from './envelope.ts';

const table = openTable(required('TABLE_NAME'));
const bucket = required('BUCKET_NAME');
const s3 = createS3Client();
const publicBaseUrl = required('PUBLIC_BASE_URL');

const log = createInvocationLog('api-breaks');

const deps: BreaksDeps = {
  sessions: createSessionStore(table),
  reconciliations: createReconciliationStore(table),
  batches: createBatchStore(table, systemClock),
  runs: createRunStore(table),
  breaks: createBreakStore(table),
  bulks: createBulkStore(table),
  numbers: createNumberStore(table),
  activity: createActivityLog(table, createNumberStore(table), systemClock),
  outbox: createMailOutbox(table),
  counter: createRateCounter(table),
  idempotency: createIdempotencyStore(table),
  objects: createObjectStore(bucket, s3),
  queue: createWorkQueue(queueUrls()),
  directory: createDirectory(required('DIRECTORY_FUNCTION_NAME')),
  directoryPolicy: { tenant: defaultTenant, adminGroup: required('ADMIN_GROUP') },
  onDirectoryFault: (error) => log.fault(error, { operation: 'groups' }),
  signer: createJwtSigner(createSecretsManagerSource(required('JWT_SECRET_ARN'))),
  clock: systemClock,
  ids: createIds(systemClock),
  fallbackGroups: documentedGroups,
  view: createRunView(required('QUERY_FUNCTION_NAME')),
  tickets: createTicketStore(table),
  workbooks: createRunWorkbook(required('QUERY_FUNCTION_NAME')),
  links: createObjectLinks(bucket, s3),
  exportWaitMs: 24_000,
  runWaitMs: 25_000,
  loadWaitMs: 25_000,
  pause: (ms) => sleep(ms),
  limits: rateLimitsOf(generousLimits),
  settings: { ...pipelineDefaults, bucket, scratchDirectory: '/tmp' },
  publicBaseUrl,
};

const tracer = new Tracer({ serviceName: 'api-breaks' });

export const handler = createHttpFunction({
  api: createBreaksApi(deps, (error, request) => log.fault(error, { requestId: request.requestId })),
  envelope: breaksEnvelope,
  basePath: new URL(publicBaseUrl).pathname.replace(/\/$/, ''),
  log,
  tracing: captureLambdaHandler(tracer, { captureResponse: false }),
});
