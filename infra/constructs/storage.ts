// What keeps state: one table, one bucket, the key that tokens are signed with, how the directory is reached. All of it stays when the stack is deleted.
// Encryption is by keys that AWS holds (DynamoDB's own, SSE-S3, SSE-SQS, aws/secretsmanager): all is encrypted at rest
// either way; a customer key divides people only where others than the account's administrators manage it, at a price per request.
import { Aws, Duration, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Old versions of an object, and files made for download. */
const noncurrentDays = 30;
const exportDays = 7;
/** As the runs count on it (`scratchDays` in the domain); a test holds the two together. */
const scratchDays = 7;
const accessLogDays = 90;

export class Storage extends Construct {
  readonly table: Table;
  readonly bucket: Bucket;
  readonly bucketName: string;
  readonly signingKey: Secret;
  readonly directorySecret: Secret;

  constructor(scope: Construct, id: string, stage: string) {
    super(scope, id);
    this.table = this.makeTable(stage);
    this.bucketName = `tieout-${stage}-${Aws.ACCOUNT_ID}-${Aws.REGION}`;
    this.bucket = this.makeBucket();
    this.signingKey = new Secret(this, 'SigningKey', {
      description: 'Tieout: the key that access tokens are signed with',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(this.signingKey, {
      'AwsSolutions-SMG4':
        'A new key ends every session at once. It is rotated by hand, in a quiet hour or after a leak; tokens live for minutes.',
    });
    this.directorySecret = new Secret(this, 'Directory', {
      description:
        'Tieout: how the directory is reached (infra/README.md); nobody signs in to the break surface before it is set',
      // Only the first value: what an administrator puts there stays.
      secretStringValue: SecretValue.unsafePlainText('{}'),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(this.directorySecret, {
      'AwsSolutions-SMG4':
        'The directory decides when its service account gets another password, and its administrators enter it.',
    });
  }

  private makeTable(stage: string): Table {
    const table = new Table(this, 'Table', {
      tableName: `tieout-${stage}`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      timeToLiveAttribute: 'expiresAt',
    });
    for (const index of ['gsi1', 'gsi2']) {
      table.addGlobalSecondaryIndex({
        indexName: index,
        partitionKey: { name: `${index}pk`, type: AttributeType.STRING },
        sortKey: { name: `${index}sk`, type: AttributeType.STRING },
        projectionType: ProjectionType.ALL,
      });
    }
    return table;
  }

  private makeBucket(): Bucket {
    const common = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...common,
      lifecycleRules: [{ expiration: Duration.days(accessLogDays) }],
    });
    return new Bucket(this, 'Bucket', {
      ...common,
      bucketName: this.bucketName,
      versioned: true,
      serverAccessLogsBucket: accessLogs as IBucket,
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          noncurrentVersionExpiration: Duration.days(noncurrentDays),
        },
        { prefix: 'exports/', expiration: Duration.days(exportDays) },
        // An old version of it, should there be one, is of no use to anybody either.
        {
          prefix: 'scratch/',
          expiration: Duration.days(scratchDays),
          noncurrentVersionExpiration: Duration.days(1),
        },
      ],
      // A browser sends files by a presigned form. The form itself is the permission: S3 looks at no cookie, so any origin may.
      cors: [
        {
          allowedMethods: [HttpMethods.POST, HttpMethods.GET],
          allowedOrigins: ['*'],
          allowedHeaders: ['*'],
          maxAge: 3_600,
        },
      ],
    });
  }
}
