// A function with a role of its own that may do what the table of functions says and nothing else.
import { Aws, Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  type LayerVersion,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment, DirectoryNetwork } from '../deployment.ts';
import { engineScratchMb, type FunctionSpec, type QueueName } from '../functions.ts';
import { acknowledge } from './acknowledge.ts';

export type WorkerProps = {
  deployment: Deployment;
  spec: FunctionSpec;
  bundleDirectory: string;
  environment: Record<string, string>;
  engineLayer: LayerVersion;
  table: Table;
  bucket: Bucket;
  signingKey: Secret;
  directorySecret: Secret;
  queues: Record<QueueName, Queue>;
  /** Of the deployment; may be empty. */
  mailSender: string;
};

export class Worker extends Construct {
  readonly lambda: LambdaFunction;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id);
    const { spec, deployment } = props;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/tieout/${deployment.stage}/${spec.name}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.role);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: `tieout-${deployment.stage}-${spec.name}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: deployment.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      code: Code.fromAsset(props.bundleDirectory),
      handler: 'index.handler',
      memorySize: spec.memoryMb,
      timeout: Duration.seconds(spec.timeoutSeconds),
      ...(spec.engine && { ephemeralStorageSize: Size.mebibytes(engineScratchMb), layers: [props.engineLayer] }),
      role: this.role,
      logGroup,
      tracing: Tracing.ACTIVE,
      environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
    });
    this.grant(props);
    if (spec.inDirectoryNetwork && deployment.directoryNetwork) this.standIn(deployment.directoryNetwork);
    acknowledge(this.role, {
      'AwsSolutions-IAM5[Resource::*]':
        'X-Ray takes no resource: xray:PutTraceSegments and PutTelemetryRecords are allowed on everything or not at all. A test holds that no other statement has it.',
    });
  }

  private grant({ spec, table, bucket, queues, signingKey, directorySecret, mailSender }: WorkerProps): void {
    const { grants } = spec;
    const tables = [table.tableArn, `${table.tableArn}/index/gsi1`, `${table.tableArn}/index/gsi2`];
    // No Scan: nothing may ever read the whole table.
    const reads = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
    const writes = [
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
      'dynamodb:BatchWriteItem',
    ];
    if (grants.table !== 'none') this.allow(reads, tables);
    if (grants.table === 'write') this.allow(writes, [table.tableArn]);
    this.allowObjects(bucket, ['s3:GetObject', 's3:GetObjectVersion'], grants.read);
    this.allowObjects(bucket, ['s3:PutObject', 's3:AbortMultipartUpload'], grants.write);
    this.allowObjects(bucket, ['s3:DeleteObject'], grants.delete);
    // Without it S3 answers 403 instead of 404 for an object that is not there.
    if (grants.read.length > 0) this.allow(['s3:ListBucket'], [bucket.bucketArn]);
    for (const name of grants.sends) this.allow(['sqs:SendMessage'], [queues[name].queueArn]);
    if (grants.signingKey) signingKey.grantRead(this.role);
    if (grants.directorySecret) directorySecret.grantRead(this.role);
    if (grants.mail) this.allowMail(mailSender);
  }

  /** Subnets and security groups by id: they are somebody else's, and looking them up would tie the synthesis to an account. */
  private standIn({ subnetIds, securityGroupIds }: DirectoryNetwork): void {
    (this.lambda.node.defaultChild as CfnFunction).vpcConfig = { subnetIds, securityGroupIds };
    // Lambda's own conditions for a function in a network; they take no narrower resource.
    this.allow(
      [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      ['*'],
    );
    // The function is made with its network only once its role may make interfaces.
    const policy = this.role.node.tryFindChild('DefaultPolicy');
    if (policy) this.lambda.node.addDependency(policy);
  }

  private allowObjects(bucket: Bucket, actions: string[], prefixes: readonly string[]): void {
    if (prefixes.length === 0) return;
    this.allow(
      actions,
      prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
    );
    for (const prefix of prefixes) {
      acknowledge(this.role, {
        [`AwsSolutions-IAM5[Resource::<${bucket.stack.getLogicalId(bucket.node.defaultChild as never)}.Arn>/${prefix}*]`]:
          'Objects are named by tenant and run when they come: the prefix is the narrowest name there is.',
      });
    }
  }

  /** The sender's identity may be the address or its domain: the address is held by a condition. */
  private allowMail(sender: string): void {
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['ses:SendEmail'],
        resources: [`arn:${Aws.PARTITION}:ses:${Aws.REGION}:${Aws.ACCOUNT_ID}:identity/*`],
        conditions: { StringEquals: { 'ses:FromAddress': sender } },
      }),
    );
    acknowledge(this.role, {
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]':
        'Which identity is used, address or domain, is chosen in SES; the condition allows the one sender.',
    });
  }

  private allow(actions: string[], resources: string[]): void {
    this.role.addToPolicy(new PolicyStatement({ actions, resources }));
  }

  /** Lets this function call another, and tells it the other's name. */
  mayInvoke(other: Worker, variable: string): void {
    this.allow(['lambda:InvokeFunction'], [other.lambda.functionArn]);
    this.lambda.addEnvironment(variable, other.lambda.functionName);
  }
}
