// One queue for each stage of the work, each with a dead-letter queue and an alarm on it, and the store's notifications
// of files that arrived.
import { Aws, Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { type CfnQueuePolicy, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type QueueName, queueNames, workTimeoutSeconds } from '../functions.ts';

/** AWS asks for six times the function's timeout, so that a throttled worker's message is not given to a second one. */
export const visibilityFactor = 6;
/** After this many deliveries a message is dead; the same as a task's attempts. */
export const receivesMax = 5;
const retentionDays = 14;

export class WorkQueues extends Construct {
  readonly queues: Record<QueueName, Queue>;
  readonly deadQueues: Record<QueueName, Queue>;

  constructor(scope: Construct, id: string, props: { stage: string; deadTimeoutSeconds: number; alarms: ITopic }) {
    super(scope, id);
    const made = queueNames.map((name) => [name, this.make(name, props)] as const);
    this.queues = Object.fromEntries(made.map(([name, pair]) => [name, pair.queue])) as Record<QueueName, Queue>;
    this.deadQueues = Object.fromEntries(made.map(([name, pair]) => [name, pair.dead])) as Record<QueueName, Queue>;
  }

  private make(name: QueueName, props: { stage: string; deadTimeoutSeconds: number; alarms: ITopic }) {
    const dead = new Queue(this, `${name}-dead`, {
      queueName: `tieout-${props.stage}-${name}-dead`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(retentionDays),
      visibilityTimeout: Duration.seconds(visibilityFactor * props.deadTimeoutSeconds),
    });
    const queue = new Queue(this, name, {
      queueName: `tieout-${props.stage}-${name}`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(retentionDays),
      visibilityTimeout: Duration.seconds(visibilityFactor * workTimeoutSeconds),
      deadLetterQueue: { queue: dead, maxReceiveCount: receivesMax },
    });
    // The function `dead-letter` empties it: what stays for minutes is what even that could not deal with.
    const alarm = new Alarm(this, `${name}-dead-depth`, {
      alarmDescription: `Tieout ${props.stage}: work of "${name}" died and was not dealt with`,
      metric: dead.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(props.alarms));
    return { queue, dead };
  }

  /**
   * Notifications on the bucket resource itself: CDK's own way needs a helper Lambda with rights over every bucket. The
   * bucket must have a fixed name, so that the queue can name it before it exists.
   */
  notify(bucket: Bucket, bucketName: string, prefixes: string[]): void {
    const { received } = this.queues;
    received.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [received.queueArn],
        conditions: {
          ArnEquals: { 'aws:SourceArn': `arn:${Aws.PARTITION}:s3:::${bucketName}` },
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        },
      }),
    );
    const resource = bucket.node.defaultChild as CfnBucket;
    resource.notificationConfiguration = {
      queueConfigurations: prefixes.map((prefix) => ({
        event: 's3:ObjectCreated:*',
        queue: received.queueArn,
        filter: { s3Key: { rules: [{ name: 'prefix', value: prefix }] } },
      })),
    };
    // S3 tries the queue when the configuration is set: its policy must be there.
    resource.addResourceDependency(received.node.findChild('Policy').node.defaultChild as CfnQueuePolicy);
  }
}
