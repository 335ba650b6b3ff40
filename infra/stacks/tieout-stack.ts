// The whole platform as one CloudFormation stack: state, queues, functions, the HTTP surfaces and their alarms.

import type { App } from 'aws-cdk-lib';
import { CfnCondition, CfnOutput, CfnParameter, Duration, Fn, Stack, type StackProps, Token } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Bundle } from '../bundle.ts';
import { HttpSurface } from '../constructs/http-surface.ts';
import { Storage } from '../constructs/storage.ts';
import { WorkQueues } from '../constructs/work-queues.ts';
import { Worker } from '../constructs/worker.ts';
import type { Deployment } from '../deployment.ts';
import {
  engineMemoryMb,
  engineThreads,
  type FunctionSpec,
  type HttpSurfaceName,
  httpSurfaces,
  outsideEngineMb,
} from '../functions.ts';

export type TieoutProps = StackProps & {
  deployment: Deployment;
  functions: readonly FunctionSpec[];
  bundles: readonly Pick<Bundle, 'name' | 'directory'>[];
  layerDirectory: string;
};

export class TieoutStack extends Stack {
  private readonly workers = new Map<string, Worker>();
  private readonly alarms: Topic;

  constructor(app: App, id: string, props: TieoutProps) {
    super(app, id, props);
    const { deployment, functions } = props;
    const { stage } = deployment;
    this.alarms = new Topic(this, 'Alarms', { topicName: `tieout-${stage}-alarms`, enforceSSL: true });
    if (deployment.alarmEmail) this.alarms.addSubscription(new EmailSubscription(deployment.alarmEmail));
    const storage = new Storage(this, 'Storage', stage);
    const deadLetter = functions.find(({ trigger }) => trigger.kind === 'dead-letters');
    if (!deadLetter) throw new Error('no function takes dead letters');
    const work = new WorkQueues(this, 'Work', {
      stage,
      deadTimeoutSeconds: deadLetter.timeoutSeconds,
      alarms: this.alarms,
    });
    work.notify(storage.bucket, storage.bucketName, ['drop/', 'uploads/']);

    const engineLayer = new LayerVersion(this, 'Engine', {
      description: 'DuckDB for Node',
      code: Code.fromAsset(props.layerDirectory),
    });
    const surfaces = Object.fromEntries(
      httpSurfaces.map((surface) => [surface, new HttpSurface(this, capitalized(surface), { stage, surface })]),
    ) as Record<HttpSurfaceName, HttpSurface>;
    const settings = this.settings();
    const mailSender = new CfnParameter(this, 'MailSender', {
      default: '',
      description:
        'The address that mails come from, of an identity that is verified in SES. Empty: mails are written to outbox/ in the bucket',
    }).valueAsString;
    const publicUrls = Object.fromEntries(
      httpSurfaces.map((surface) => [surface, this.publicUrl(surface, surfaces[surface])]),
    ) as Record<HttpSurfaceName, string>;
    const adminGroup = new CfnParameter(this, 'AdminGroup', {
      default: 'CN=RECON_ADMIN',
      description:
        'The directory group whose members administer the break surface: its full DN, or CN=… for the group of that name anywhere',
    }).valueAsString;
    for (const spec of functions) {
      const bundle = props.bundles.find(({ name }) => name === spec.name);
      if (!bundle) throw new Error(`no bundle of "${spec.name}"`);
      const worker = new Worker(this, spec.name, {
        deployment,
        spec,
        bundleDirectory: bundle.directory,
        engineLayer,
        table: storage.table,
        bucket: storage.bucket,
        signingKey: storage.signingKey,
        directorySecret: storage.directorySecret,
        queues: work.queues,
        mailSender,
        environment: {
          TABLE_NAME: storage.table.tableName,
          BUCKET_NAME: storage.bucket.bucketName,
          RECEIVED_QUEUE_URL: work.queues.received.queueUrl,
          PLAN_QUEUE_URL: work.queues.plan.queueUrl,
          MATCH_QUEUE_URL: work.queues.match.queueUrl,
          SETTLE_QUEUE_URL: work.queues.settle.queueUrl,
          NOTIFY_QUEUE_URL: work.queues.notify.queueUrl,
          TIEOUT_STAGE: stage,
          ...(spec.engine && {
            ENGINE_MEMORY_MB: String(Math.min(spec.memoryMb, engineMemoryMb) - outsideEngineMb),
            ENGINE_THREADS: String(engineThreads),
          }),
          ...(spec.grants.mail && { MAIL_SENDER: mailSender, PUBLIC_BASE_URL: publicUrls.breaks }),
          ...(spec.grants.directorySecret && { DIRECTORY_SECRET_ARN: storage.directorySecret.secretArn }),
          ...(spec.trigger.kind === 'http' && spec.trigger.surface === 'breaks' && { ADMIN_GROUP: adminGroup }),
          ...(spec.trigger.kind === 'http' && {
            ...settings,
            PUBLIC_BASE_URL: publicUrls[spec.trigger.surface],
            JWT_SECRET_ARN: storage.signingKey.secretArn,
          }),
        },
      });
      this.workers.set(spec.name, worker);
      this.connect(spec, worker, work, surfaces);
    }
    for (const { name, grants } of functions) {
      for (const invoked of grants.invokes) this.worker(name).mayInvoke(this.worker(invoked), variableOf(invoked));
    }
    for (const surface of httpSurfaces) {
      new CfnOutput(this, `${capitalized(surface)}Url`, { value: publicUrls[surface] });
      new CfnOutput(this, `${capitalized(surface)}ApiId`, { value: surfaces[surface].api.apiId });
    }
    new CfnOutput(this, 'BucketName', { value: storage.bucket.bucketName });
    new CfnOutput(this, 'TableName', { value: storage.table.tableName });
    new CfnOutput(this, 'DirectorySecretArn', { value: storage.directorySecret.secretArn });
    new CfnOutput(this, 'SigningKeyArn', { value: storage.signingKey.secretArn });
  }

  private worker(name: string): Worker {
    const worker = this.workers.get(name);
    if (!worker) throw new Error(`"${name}" is invoked but is no function`);
    return worker;
  }

  /** Parameters, so that changing them needs no synthesis: the same template serves AWS and the local stack. */
  private settings() {
    const selfRegistration = new CfnParameter(this, 'SelfRegistration', {
      default: 'off',
      allowedValues: ['on', 'off'],
      description: 'Whether strangers may make themselves an account on the recon surface',
    });
    const limit = (id: string, of: string) =>
      new CfnParameter(this, id, {
        default: '',
        description: `Requests per minute and caller: ${of}. Empty: the usual figure of each surface`,
      }).valueAsString;
    return {
      SELF_REGISTRATION: selfRegistration.valueAsString,
      RATE_LIMIT_AUTH: limit('RateLimitAuth', 'signing in'),
      RATE_LIMIT_GENERAL: limit('RateLimitGeneral', 'everything else'),
      RATE_LIMIT_UPLOAD: limit('RateLimitUpload', 'uploads'),
    };
  }

  private publicUrl(surface: HttpSurfaceName, { api }: HttpSurface): string {
    const id = `${capitalized(surface)}PublicBaseUrl`;
    const given = new CfnParameter(this, id, {
      default: '',
      description: `Where callers reach the ${surface} surface, when it is not the URL of its API (a custom domain: https://api.example.com/${surface})`,
    });
    const none = new CfnCondition(this, `No${id}`, { expression: Fn.conditionEquals(given.valueAsString, '') });
    return Token.asString(Fn.conditionIf(none.logicalId, api.apiEndpoint, given.valueAsString));
  }

  private connect(
    spec: FunctionSpec,
    { lambda }: Worker,
    work: WorkQueues,
    surfaces: Record<HttpSurfaceName, HttpSurface>,
  ): void {
    const { trigger } = spec;
    const oneAtATime = { batchSize: 1, reportBatchItemFailures: true };
    switch (trigger.kind) {
      case 'queue':
        lambda.addEventSource(
          new SqsEventSource(work.queues[trigger.queue], { ...oneAtATime, maxConcurrency: trigger.concurrencyMax }),
        );
        return;
      case 'dead-letters':
        for (const dead of Object.values(work.deadQueues)) lambda.addEventSource(new SqsEventSource(dead, oneAtATime));
        // It empties the dead-letter queues within seconds, too fast for an alarm on their depth: that it ran is the alarm.
        this.alarm(
          spec.name,
          'work died; the run or file says why',
          lambda.metricInvocations({ period: Duration.minutes(1), statistic: 'Sum' }),
        );
        return;
      case 'every-minute':
        new Rule(this, 'EveryMinute', {
          schedule: Schedule.rate(Duration.minutes(1)),
          // The next minute does what this one missed.
          targets: [new LambdaTarget(lambda, { retryAttempts: 0 })],
        });
        this.alarm(
          spec.name,
          'the sweep fails: work of crashed workers waits',
          lambda.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
        );
        return;
      case 'http':
        surfaces[trigger.surface].answerWith(lambda);
        return;
      case 'invoke':
        return;
    }
  }

  private alarm(name: string, description: string, metric: import('aws-cdk-lib/aws-cloudwatch').Metric): void {
    const alarm = new Alarm(this, `${name}-alarm`, {
      alarmDescription: `Tieout: ${description}`,
      metric,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.alarms));
  }
}

/** `recon` → Recon. */
function capitalized(surface: HttpSurfaceName): string {
  return surface[0]!.toUpperCase() + surface.slice(1);
}

/** `query` → QUERY_FUNCTION_NAME. */
function variableOf(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_FUNCTION_NAME`;
}
