// The deployed pipeline as a test or the bench meets it: files are put into its bucket, and what it keeps is looked at
// through the same adapters that it uses.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { connection } from '../infra/local/connection.ts';
import { projectRoot } from '../infra/local/paths.ts';
import { createActivityLog } from '../shared/adapters/dynamodb/activity-log.ts';
import { createBatchStore } from '../shared/adapters/dynamodb/batch-store.ts';
import { createBreakStore } from '../shared/adapters/dynamodb/break-store.ts';
import { createBulkStore } from '../shared/adapters/dynamodb/bulk-store.ts';
import { createDecisionStore } from '../shared/adapters/dynamodb/decision-store.ts';
import { createMailOutbox } from '../shared/adapters/dynamodb/mail-outbox.ts';
import { createNumberStore } from '../shared/adapters/dynamodb/number-store.ts';
import { createReconciliationStore } from '../shared/adapters/dynamodb/reconciliation-store.ts';
import { createReviewStore } from '../shared/adapters/dynamodb/review-store.ts';
import { createRunStore } from '../shared/adapters/dynamodb/run-store.ts';
import { createScheduleStore } from '../shared/adapters/dynamodb/schedule-store.ts';
import { openTable } from '../shared/adapters/dynamodb/table.ts';
import { createTaskStore } from '../shared/adapters/dynamodb/task-store.ts';
import { createUploadStore } from '../shared/adapters/dynamodb/upload-store.ts';
import { createResultQuery } from '../shared/adapters/lambda/result-query.ts';
import { createObjectStore } from '../shared/adapters/s3/object-store.ts';
import { createWorkQueue, type QueueUrls } from '../shared/adapters/sqs/work-queue.ts';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { createIds } from '../shared/adapters/system/ids.ts';
import { type Deps, pipelineDefaults } from '../shared/app/deps.ts';
import { type Definition, legsOf } from '../shared/domain/definition.ts';
import type { SideCounts } from '../shared/domain/outcome.ts';
import type { Reconciliation, ReconciliationRef } from '../shared/domain/reconciliation.ts';
import { isActive, type Run, type RunInputs } from '../shared/domain/run.ts';
import { openEngine } from '../shared/matching/engine.ts';
import { canonicalOutcome } from '../shared/matching/match/canonical-outcome.ts';
import { literal } from '../shared/matching/sql.ts';

export type DeployedPipeline = Awaited<ReturnType<typeof openDeployedPipeline>>;

export async function openDeployedPipeline(stack: { endpoint: string; outputs: Record<string, string> }) {
  const at = connection(stack.endpoint);
  const lambda = new LambdaClient(at);
  const s3 = new S3Client({ ...at, forcePathStyle: true });
  const sqs = new SQSClient(at);
  const [bucket, tableName] = [stack.outputs.BucketName ?? '', stack.outputs.TableName ?? ''];
  const table = openTable(tableName, new DynamoDBClient(at));
  const urlOf = async (name: string): Promise<string> => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${tableName}-${name}` }));
    return QueueUrl ?? '';
  };
  const names = ['received', 'plan', 'match', 'settle', 'notify'] as const;
  const urls = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await urlOf(name)] as const)),
  ) as QueueUrls;
  const deps: Omit<Deps, 'engine'> = {
    reconciliations: createReconciliationStore(table),
    uploads: createUploadStore(table),
    batches: createBatchStore(table, systemClock),
    runs: createRunStore(table),
    tasks: createTaskStore(table),
    breaks: createBreakStore(table),
    bulks: createBulkStore(table),
    decisions: createDecisionStore(table),
    reviews: createReviewStore(table),
    activity: createActivityLog(table, createNumberStore(table), systemClock),
    outbox: createMailOutbox(table),
    schedules: createScheduleStore(table),
    objects: createObjectStore(bucket, s3),
    queue: createWorkQueue(urls, sqs),
    clock: systemClock,
    ids: createIds(systemClock),
    settings: { ...pipelineDefaults, bucket, scratchDirectory: '/tmp' },
  };

  return {
    deps,
    /** As an API function asks for results. */
    results: createResultQuery(`${tableName}-query`, lambda),
    endpoint: stack.endpoint,
    bucket,
    /** A tenant of its own for each caller. */
    async createReconciliation(definition: Definition, changes: Partial<Reconciliation> = {}): Promise<Reconciliation> {
      const id = deps.ids.uuid();
      const now = new Date().toISOString();
      const reconciliation: Reconciliation = {
        tenant: `t-${id}`,
        reconciliationId: id,
        code: 'bank-ledger',
        name: definition.name,
        description: '',
        ownerId: 'owner',
        status: 'PUBLISHED',
        definition,
        version: 1,
        createdAt: now,
        updatedAt: now,
        ...changes,
      };
      if (!(await deps.reconciliations.create(reconciliation))) throw new Error('the reconciliation exists');
      return reconciliation;
    },
    drop({ tenant, code }: Reconciliation, source: string, fileName: string, content: string | Uint8Array) {
      return deps.objects.put(`drop/${tenant}/${code}/${source}/${fileName}`, content);
    },
    dropFile({ tenant, code }: Reconciliation, source: string, path: string) {
      return deps.objects.upload(path, `drop/${tenant}/${code}/${source}/${path.split('/').at(-1)}`);
    },
    /** Sends a body as S3 would: for deliveries that S3 repeats. */
    async deliver(body: string): Promise<void> {
      await sqs.send(new SendMessageCommand({ QueueUrl: urls.received, MessageBody: body }));
    },
    async keys(prefix: string): Promise<string[]> {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      return Contents.map(({ Key }) => Key ?? '');
    },
    async sweep(): Promise<void> {
      await lambda.send(new InvokeCommand({ FunctionName: `${tableName}-sweep`, Payload: '{}' }));
    },
    /** Forces every run into so many chunks; undefined lets the size decide again. */
    async forceChunks(chunks: number | undefined): Promise<void> {
      const FunctionName = `${tableName}-plan`;
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const { CHUNKS_FORCED: _, ...others } = Environment?.Variables ?? {};
      const Variables = { ...others, ...(chunks !== undefined && { CHUNKS_FORCED: String(chunks) }) };
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    },
    /** The run of this number once it has ended; throws with where it stands when it takes too long. */
    async ended(ref: ReconciliationRef, number: number, timeoutMs = 100_000): Promise<Run> {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const run = (await deps.runs.list(ref)).items.find((one) => one.number === number);
        if (run && !isActive(run)) return run;
        if (Date.now() > deadline) {
          const batches = (await deps.batches.list(ref)).items.map(({ status, reason }) => ({ status, reason }));
          throw new Error(`run ${number} has not ended: ${JSON.stringify({ run, batches })}`);
        }
        await sleep(50);
      }
    },
    /** Hash of the outcome in its canonical form: by content, without row numbers, ids and times. */
    async canonical(run: Run, directory: string): Promise<string> {
      mkdirSync(directory, { recursive: true });
      let count = 0;
      const fetch = async (key: string): Promise<string> => {
        const path = join(directory, `${(count += 1)}.parquet`);
        if (!(await deps.objects.download(key, path))) throw new Error(`object ${key} is missing`);
        return path;
      };
      const inputs = JSON.parse(Buffer.from((await deps.objects.get(run.inputsKey!))!).toString()) as RunInputs;
      const sources = [];
      for (const { source, fields, parts, sums } of inputs.sources) {
        const paths = [];
        for (const { key } of parts) paths.push(await fetch(key));
        const relation = `(FROM read_parquet([${paths.map(literal).join(', ')}]))`;
        sources.push({
          source,
          relation,
          fields,
          sums,
          readings: {},
          rows: { read: 0, records: 0, rejected: 0, excluded: 0 },
        });
      }
      const matchesPaths = [];
      for (const key of run.results!.matchesKeys) matchesPaths.push(await fetch(key));
      const breaksPaths = [await fetch(run.results!.breaksKey)];
      const engine = await openEngine({ directory, memoryMb: 1_024, threads: 2 });
      try {
        const outputPath = join(directory, 'canonical.ndjson');
        const request = { definition: run.definition!, sources, matchesPaths, breaksPaths, outputPath };
        return (await canonicalOutcome(engine, request)).sha256;
      } finally {
        engine.close();
      }
    },
  };
}

/** What `tieout generate` makes, and the definition that its truth holds for. */
export const generatedDefinition: Definition = {
  name: 'Generated transactions',
  sources: [{ name: 'left', anchor: true }, { name: 'right' }],
  fields: [
    { name: 'txn_id', role: 'KEY', mapping: { left: 'txn_id', right: 'ref' } },
    {
      name: 'amount',
      role: 'COMPARE',
      type: 'decimal',
      tolerance: { absolute: '0.01' },
      mapping: { left: 'amount', right: 'amt' },
    },
    {
      name: 'fee',
      role: 'COMPARE',
      type: 'decimal',
      tolerance: { percent: '1' },
      mapping: { left: 'fee', right: 'fee' },
    },
    {
      name: 'booked',
      role: 'COMPARE',
      type: 'date',
      tolerance: { days: 2 },
      mapping: { left: 'booked', right: 'value_date' },
    },
    { name: 'currency', role: 'COMPARE', type: 'text', mapping: { left: 'currency', right: 'ccy' } },
    { name: 'counterparty', role: 'COMPARE', type: 'text', mapping: { left: 'counterparty', right: 'counterparty' } },
  ],
  passes: [{ kind: 'exact-key' }],
  currencyField: 'currency',
};

export type Counts = Omit<SideCounts, 'excluded'>;
export type Truth = { left: Counts; right: Counts; pairs: { matched: number; mismatched: number } };

export function generate(directory: string, rows: number, seed: number): { left: string; right: string; truth: Truth } {
  const options = ['--rows', String(rows), '--seed', String(seed), '--duplicates', '0.5%', '--out', directory];
  execFileSync(process.execPath, ['cli/main.ts', 'generate', ...options], { cwd: projectRoot, stdio: 'pipe' });
  const truth = JSON.parse(readFileSync(join(directory, 'truth.json'), 'utf8')) as Truth;
  return { left: join(directory, 'left.csv'), right: join(directory, 'right.csv'), truth };
}

/** The counts of a run in the form of the truth. */
export function countsOf(run: Run): Truth {
  const { sides, pairs } = run.summary!;
  if (legsOf(run.definition!).length !== 1) throw new Error('two sources are compared here');
  return truthOf({ left: sides[0]!.counts, right: sides[1]!.counts, pairs: pairs[0]! });
}

/** The generator writes no `exhausted`: nothing that it makes needs a search. */
export function truthOf({ left, right, pairs }: Truth): Truth {
  const counts = ({
    rows,
    matched,
    mismatched,
    missing,
    duplicate,
    ambiguous,
    exhausted = 0,
    rejected,
  }: Counts): Counts => {
    return { rows, matched, mismatched, missing, duplicate, ambiguous, exhausted, rejected };
  };
  return { left: counts(left), right: counts(right), pairs: { matched: pairs.matched, mismatched: pairs.mismatched } };
}
