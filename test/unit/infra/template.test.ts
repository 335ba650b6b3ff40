// What infra promises, read from the template that is deployed.
import { rmSync } from 'node:fs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, describe, expect, it } from 'vitest';
import { functions, httpSurfaces, prefixes, queueNames } from '../../../infra/functions.ts';
import { scratchDays, scratchPrefix } from '../../../shared/domain/object-keys.ts';
import { attemptsMax, type TaskRef } from '../../../shared/domain/run.ts';
import { makeApp, type Resource, resourcesOf } from '../../fixtures/infra/template.ts';

const { app, stack, directory } = makeApp();
const resources = resourcesOf(stack);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function ofType(type: string): [string, Resource][] {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}
function named(type: string, property: string, name: string): [string, Resource] {
  const found = ofType(type).find(([, { Properties }]) => Properties[property] === name);
  if (!found) throw new Error(`no ${type} named ${name}`);
  return found;
}
const functionNamed = (name: string) =>
  named('AWS::Lambda::Function', 'FunctionName', `tieout-test-${name}`)[1].Properties;
const queueNamed = (name: string) => named('AWS::SQS::Queue', 'QueueName', `tieout-test-${name}`);

type Statement = { Effect: string; Action: string | string[]; Resource: unknown; Condition?: unknown };
const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
function statementsOf(name: string): Statement[] {
  const role = (functionNamed(name).Role as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0];
  return ofType('AWS::IAM::Policy')
    .filter(([, { Properties }]) => (Properties.Roles as { Ref: string }[]).some(({ Ref }) => Ref === role))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement);
}
/** Every text in a value: an ARN is a join of texts and references. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : [];
}

const aTask: TaskRef = { tenant: 't', reconciliationId: 'r', runId: 'n', stage: 'partition', index: 0 };

describe('the template', () => {
  it('is clean by cdk-nag, every finding fixed or with its reason', () => {
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(
      violations.map(
        ({ ruleName, violatingResources }) =>
          `${ruleName}: ${violatingResources.map(({ constructPath }) => constructPath)}`,
      ),
    ).toEqual([]);
  });

  it('stays far below the 500 resources of a CloudFormation stack', () => {
    expect(Object.keys(resources).length).toBeLessThan(200);
  });

  it('has no helper function of the CDK: each would hang the emulator and may do more than ours', () => {
    expect(ofType('AWS::Lambda::Function')).toHaveLength(functions.length);
    expect(Object.values(resources).filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
  });

  it('keeps what holds state when the stack is deleted', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret']) {
      expect(
        ofType(type).map(([, { DeletionPolicy }]) => DeletionPolicy),
        type,
      ).not.toContain('Delete');
      expect(
        ofType(type).every(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain'),
        type,
      ).toBe(true);
    }
    const [, table] = ofType('AWS::DynamoDB::Table')[0]!;
    expect(table.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
    });
  });

  it('shuts and encrypts every bucket, and keeps versions of ours', () => {
    for (const [id, { Properties }] of ofType('AWS::S3::Bucket')) {
      expect(Properties.PublicAccessBlockConfiguration, id).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(Properties.BucketEncryption, id).toBeDefined();
      const policy = ofType('AWS::S3::BucketPolicy').find(
        ([, policy]) => (policy.Properties.Bucket as { Ref: string }).Ref === id,
      );
      expect(JSON.stringify(policy?.[1].Properties), id).toContain('"aws:SecureTransport":"false"');
    }
    const [, ours] = ofType('AWS::S3::Bucket').find(([, { Properties }]) => Properties.BucketName)!;
    expect(ours.Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(JSON.stringify(ours.Properties.BucketName)).toMatch(/AccountId.*Region/);
  });

  it('lets nothing expire but exports and scratch', () => {
    const [, bucket] = ofType('AWS::S3::Bucket').find(([, { Properties }]) => Properties.BucketName)!;
    const { Rules } = bucket.Properties.LifecycleConfiguration as {
      Rules: { Prefix?: string; ExpirationInDays?: number }[];
    };
    const expiring = Rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined);
    expect(expiring.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays])).toEqual([
      ['exports/', 7],
      [scratchPrefix(aTask, 1, 1).slice(0, 'scratch/'.length), scratchDays],
    ]);
  });

  it('tells the received queue of files in drop/ and uploads/, and of nothing else', () => {
    const [, bucket] = ofType('AWS::S3::Bucket').find(([, { Properties }]) => Properties.BucketName)!;
    const { QueueConfigurations } = bucket.Properties.NotificationConfiguration as { QueueConfigurations: object[] };
    expect(QueueConfigurations.map((one) => textsOf(one).filter((text) => text.endsWith('/')))).toEqual([
      ['drop/'],
      ['uploads/'],
    ]);
    expect(textsOf(QueueConfigurations)).toContain(queueNamed('received')[0]);
  });
});

describe('each work queue', () => {
  it.each(queueNames)(
    '%s: waits six times its function, dies after as many receives as a task has attempts',
    (name) => {
      const consumer = functions.find(({ trigger }) => trigger.kind === 'queue' && trigger.queue === name)!;
      const [id, { Properties }] = queueNamed(name);
      const [deadId, dead] = queueNamed(`${name}-dead`);
      expect(Properties.VisibilityTimeout).toBe(6 * Number(functionNamed(consumer.name).Timeout));
      expect(Number(functionNamed(consumer.name).Timeout)).toBeLessThanOrEqual(180);
      expect(Properties.RedrivePolicy).toEqual({
        deadLetterTargetArn: { 'Fn::GetAtt': [deadId, 'Arn'] },
        maxReceiveCount: attemptsMax,
      });
      expect(dead.Properties.VisibilityTimeout).toBe(6 * Number(functionNamed('dead-letter').Timeout));
      const mappings = ofType('AWS::Lambda::EventSourceMapping').map(([, mapping]) => mapping.Properties);
      const own = mappings.filter((mapping) => textsOf(mapping.EventSourceArn).includes(id));
      expect(own).toMatchObject([
        {
          BatchSize: 1,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: expect.any(Number) },
        },
      ]);
      expect(mappings.filter((mapping) => textsOf(mapping.EventSourceArn).includes(deadId))).toHaveLength(1);
      const alarms = ofType('AWS::CloudWatch::Alarm').filter(([, alarm]) =>
        textsOf(alarm.Properties.Dimensions).includes(deadId),
      );
      expect(alarms).toHaveLength(1);
      expect(alarms[0]?.[1].Properties.AlarmActions).toHaveLength(1);
    },
  );
});

describe('each function', () => {
  it.each(functions)(
    '$name: runs Node 24 within its limits, and is told what infra/README.md lists',
    ({ name, engine, trigger, memoryMb, timeoutSeconds }) => {
      const properties = functionNamed(name);
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        MemorySize: memoryMb,
        Timeout: timeoutSeconds,
        TracingConfig: { Mode: 'Active' },
      });
      const variables = (properties.Environment as { Variables: Record<string, unknown> }).Variables;
      const everywhere = [
        'TABLE_NAME',
        'BUCKET_NAME',
        'RECEIVED_QUEUE_URL',
        'PLAN_QUEUE_URL',
        'MATCH_QUEUE_URL',
        'SETTLE_QUEUE_URL',
        'NOTIFY_QUEUE_URL',
        'TIEOUT_STAGE',
      ];
      expect(Object.keys(variables)).toEqual(expect.arrayContaining(everywhere));
      expect('ENGINE_MEMORY_MB' in variables && 'ENGINE_THREADS' in variables && properties.Layers !== undefined).toBe(
        engine,
      );
      expect('JWT_SECRET_ARN' in variables).toBe(trigger.kind === 'http');
      if (engine) expect(Number(variables.ENGINE_MEMORY_MB)).toBeLessThan(memoryMb - 500);
      // API Gateway answers for the function after 30 seconds.
      if (trigger.kind === 'http') expect(timeoutSeconds).toBeLessThan(30);
      if (trigger.kind === 'every-minute') expect(timeoutSeconds).toBeLessThan(60);
    },
  );

  it.each(functions)('$name: may do what its grants say and nothing else', ({ name, grants, engine }) => {
    const statements = statementsOf(name);
    const actions = statements.flatMap(({ Action }) => list(Action));
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    const unlimited = statements.filter(({ Resource }) => list(Resource).includes('*'));
    expect(unlimited.flatMap(({ Action }) => list(Action)).filter((action) => !action.startsWith('xray:'))).toEqual([]);

    expect(actions).not.toContain('dynamodb:Scan');
    expect(actions.includes('dynamodb:PutItem')).toBe(grants.table === 'write');
    expect(actions.includes('dynamodb:GetItem')).toBe(grants.table !== 'none');
    const secrets = statements
      .filter(({ Action }) => list(Action).includes('secretsmanager:GetSecretValue'))
      .flatMap(({ Resource }) => textsOf(Resource));
    expect(secrets.filter((text) => text.includes('SigningKey')).length > 0).toBe(grants.signingKey);
    expect(secrets.filter((text) => text.includes('Directory')).length > 0).toBe(Boolean(grants.directorySecret));
    expect(secrets).toHaveLength((grants.signingKey ? 1 : 0) + (grants.directorySecret ? 1 : 0));
    expect(statements.filter(({ Action }) => list(Action).some((action) => action.startsWith('ses:')))).toMatchObject(
      grants.mail
        ? [{ Action: 'ses:SendEmail', Condition: { StringEquals: { 'ses:FromAddress': { Ref: 'MailSender' } } } }]
        : [],
    );

    const prefixesOf = (action: string) =>
      prefixes.filter((prefix) =>
        statements.some(
          (statement) => list(statement.Action).includes(action) && textsOf(statement.Resource).includes(`/${prefix}*`),
        ),
      );
    expect(prefixesOf('s3:GetObject')).toEqual(prefixes.filter((prefix) => grants.read.includes(prefix)));
    expect(prefixesOf('s3:PutObject')).toEqual(prefixes.filter((prefix) => grants.write.includes(prefix)));
    expect(prefixesOf('s3:DeleteObject')).toEqual(prefixes.filter((prefix) => grants.delete.includes(prefix)));

    const sends = statements
      .filter(({ Action }) => list(Action).includes('sqs:SendMessage'))
      .flatMap(({ Resource }) => textsOf(Resource));
    expect(queueNames.filter((queue) => sends.includes(queueNamed(queue)[0]))).toEqual(
      queueNames.filter((queue) => grants.sends.includes(queue)),
    );
    expect(actions.includes('lambda:InvokeFunction')).toBe(grants.invokes.length > 0);
    expect(engine).toBe((functionNamed(name).EphemeralStorage as { Size: number } | undefined)?.Size !== undefined);
  });
});

describe.each(httpSurfaces)('the HTTP API of %s', (surface) => {
  it('sends all to its function, holds the rate, logs without query strings, lets no cookies across origins', () => {
    const [id, api] = named('AWS::ApiGatewayV2::Api', 'Name', `tieout-test-${surface}`);
    const own = (type: string) =>
      ofType(type).filter(([, { Properties }]) => (Properties.ApiId as { Ref: string }).Ref === id);
    expect(own('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey)).toEqual(['$default']);
    const [, stage] = own('AWS::ApiGatewayV2::Stage')[0]!;
    expect(stage.Properties.DefaultRouteSettings).toMatchObject({
      ThrottlingRateLimit: expect.any(Number),
      ThrottlingBurstLimit: expect.any(Number),
    });
    const { Format } = stage.Properties.AccessLogSettings as { Format: string };
    expect(Format).toContain('$context.path');
    expect(Format).not.toMatch(/querystring|routeKey.*\?/i);
    expect((api.Properties.CorsConfiguration as { AllowCredentials: boolean }).AllowCredentials).toBe(false);
  });
});
