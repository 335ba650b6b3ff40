// The template on the emulator: what starts each function starts it, with the environment that infra promises. The
// functions here only write down what they were given.
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connection } from '../../../infra/local/connection.ts';
import { deploy, deployedStack, type Outputs } from '../../../infra/local/deploy.ts';
import { makeApp } from '../../fixtures/infra/template.ts';

const witness = (name: string) => `
export const handler = async (event) => {
  console.log('seen');
  const { BUCKET_NAME, AWS_ENDPOINT_URL } = process.env;
  const url = AWS_ENDPOINT_URL + '/' + BUCKET_NAME + '/unclaimed/seen-by-${name}/' + crypto.randomUUID();
  await fetch(url, { method: 'PUT', body: JSON.stringify({ event, environment: process.env, node: process.version }) });
  return { statusCode: 200, body: '${name}' };
};`;

type Seen = {
  event: { Records: Record<string, string>[] } & Record<string, unknown>;
  environment: Record<string, string>;
  node: string;
};

const parameters = {
  ReconPublicBaseUrl: 'http://127.0.0.1:1',
  BreaksPublicBaseUrl: 'http://127.0.0.1:2/breaks',
  SelfRegistration: 'on',
};
let outputs: Outputs;
let directory: string;
const stackName = 'tieout-test';
const settings = connection(inject('awsEndpoint'));
const s3 = new S3Client({ ...settings, forcePathStyle: true });

beforeAll(async () => {
  const made = makeApp(witness);
  directory = made.directory;
  made.app.synth();
  outputs = await deploy({
    endpoint: inject('awsEndpoint'),
    assembly: `${directory}/out`,
    stackName,
    parameters,
    inputs: 'first',
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function seenBy(name: string, accept: (seen: Seen) => boolean = () => true): Promise<Seen> {
  for (;;) {
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: outputs.BucketName, Prefix: `unclaimed/seen-by-${name}/` }),
    );
    for (const { Key } of Contents) {
      const object = await s3.send(new GetObjectCommand({ Bucket: outputs.BucketName, Key }));
      const seen = JSON.parse((await object.Body?.transformToString()) ?? '') as Seen;
      if (accept(seen)) return seen;
    }
    await sleep(100);
  }
}

/** The emulator writes its own host name into the URLs of queues. */
const endsWith = (path: string) => expect.stringMatching(new RegExp(`${path}$`));

async function queueUrl(name: string): Promise<string> {
  const { QueueUrl } = await new SQSClient(settings).send(
    new GetQueueUrlCommand({ QueueName: `${stackName}-${name}` }),
  );
  return QueueUrl ?? '';
}

describe('the stack on the emulator', () => {
  it.each(['drop/acme/bank/ledger/a b.csv', 'uploads/acme/0190'])('starts ingest for %s', async (Key) => {
    await s3.send(new PutObjectCommand({ Bucket: outputs.BucketName, Key, Body: 'a,b\n1,2\n' }));
    const encoded = encodeURIComponent(Key).replaceAll('%2F', '/').replaceAll('%20', '+');
    const { event, node } = await seenBy('ingest', (seen) => seen.event.Records[0]?.body?.includes(encoded) ?? false);
    const message = JSON.parse(event.Records[0]?.body ?? '') as {
      Records: { s3: { object: { versionId?: string } } }[];
    };
    expect(message.Records[0]?.s3.object.versionId).toEqual(expect.any(String));
    expect(node).toMatch(/^v24\./);
  });

  it.each(['plan', 'match', 'settle'])(
    'starts %s for a message on its queue, with what it needs to know',
    async (name) => {
      await new SQSClient(settings).send(
        new SendMessageCommand({ QueueUrl: await queueUrl(name), MessageBody: '{"kind":"task"}' }),
      );
      const { environment } = await seenBy(name);
      expect(environment).toMatchObject({
        TABLE_NAME: outputs.TableName,
        BUCKET_NAME: outputs.BucketName,
        PLAN_QUEUE_URL: endsWith('/000000000000/tieout-test-plan'),
        MATCH_QUEUE_URL: endsWith('/000000000000/tieout-test-match'),
        SETTLE_QUEUE_URL: endsWith('/000000000000/tieout-test-settle'),
        RECEIVED_QUEUE_URL: endsWith('/000000000000/tieout-test-received'),
        ENGINE_MEMORY_MB: '2108',
        ENGINE_THREADS: '2',
        TIEOUT_STAGE: 'test',
      });
      expect(environment).not.toHaveProperty('JWT_SECRET_ARN');
    },
  );

  it('gives a dead message to dead-letter, which can tell its queue', async () => {
    await new SQSClient(settings).send(
      new SendMessageCommand({ QueueUrl: await queueUrl('match-dead'), MessageBody: '{"kind":"task"}' }),
    );
    const { event } = await seenBy('dead-letter');
    expect(event.Records[0]).toMatchObject({
      body: '{"kind":"task"}',
      eventSourceARN: expect.stringMatching(/:tieout-test-match-dead$/),
    });
  });

  it('moves a message that fails five times to the dead-letter queue', async () => {
    const sqs = new SQSClient(settings);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: await queueUrl('plan'), AttributeNames: ['All'] }),
    );
    expect(JSON.parse(Attributes?.RedrivePolicy ?? '')).toMatchObject({
      maxReceiveCount: 5,
      deadLetterTargetArn: expect.stringMatching(/plan-dead$/),
    });
    expect(Attributes).toMatchObject({ VisibilityTimeout: '1080' });
  });

  it.each([
    ['recon', 'ReconApiId', parameters.ReconPublicBaseUrl],
    ['breaks', 'BreaksApiId', parameters.BreaksPublicBaseUrl],
  ])('answers HTTP by the function of %s, with CORS, and tells it its own URL', async (surface, apiId, baseUrl) => {
    const url = `${inject('awsEndpoint')}/_aws/execute-api/${outputs[apiId]}/$default/api/x?y=1`;
    const answer = await fetch(url, { headers: { origin: 'https://elsewhere.example' } });
    expect([answer.status, await answer.text()]).toEqual([200, `api-${surface}`]);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const { event, environment } = await seenBy(`api-${surface}`);
    expect(event).toMatchObject({ version: '2.0', routeKey: '$default', rawPath: '/api/x', rawQueryString: 'y=1' });
    expect(environment).toMatchObject({
      PUBLIC_BASE_URL: baseUrl,
      SELF_REGISTRATION: 'on',
      QUERY_FUNCTION_NAME: `${stackName}-query`,
    });
    const secret = await new SecretsManagerClient(settings).send(
      new GetSecretValueCommand({ SecretId: environment.JWT_SECRET_ARN }),
    );
    expect(secret.SecretString).toHaveLength(64);
  });

  it('runs a function that is only invoked', async () => {
    const answer = await new LambdaClient(settings).send(
      new InvokeCommand({ FunctionName: `${stackName}-query`, Payload: '{}' }),
    );
    expect(answer.FunctionError).toBeUndefined();
    await seenBy('query');
  });

  it('expires items by their attribute, which the emulator leaves out of the template', async () => {
    const { TimeToLiveDescription } = await new DynamoDBClient(settings).send(
      new DescribeTimeToLiveCommand({ TableName: outputs.TableName }),
    );
    expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expiresAt', TimeToLiveStatus: 'ENABLED' });
  });

  it('is left as it is by a second deployment of the same, and tells what it was deployed from', async () => {
    expect(await deployedStack(inject('awsEndpoint'), stackName)).toEqual({ outputs, inputs: 'first' });
    const assembly = `${directory}/out`;
    const again = await deploy({ endpoint: inject('awsEndpoint'), assembly, stackName, parameters, inputs: 'second' });
    expect(again).toEqual(outputs);
    expect(await deployedStack(inject('awsEndpoint'), 'tieout-absent')).toBeUndefined();
  });
});
