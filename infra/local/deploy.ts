// Deploys a synthesized stack to an emulator by the calls that the CDK's command would make, without starting it: each
// asset into the bootstrap bucket, then CreateStack or UpdateStack. Afterwards it sets what emulators drop from templates.
// It is not for AWS: there `npx cdk deploy` does this, with approval and roll-back.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiGatewayV2Client, type Cors, UpdateApiCommand } from '@aws-sdk/client-apigatewayv2';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Parameter,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, type TimeToLiveSpecification, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { account, connection, region } from './connection.ts';
import { localDirectory } from './paths.ts';
import { surfaces } from './surfaces.ts';

export type Outputs = Record<string, string>;

export type DeployOptions = {
  endpoint: string;
  /** A cloud assembly: the directory that `app.synth()` wrote. */
  assembly: string;
  stackName: string;
  parameters: Record<string, string>;
  /** Names what was deployed, so that the next start can see that nothing changed. */
  inputs: string;
  /** A last change to the template, for an emulator that reads something otherwise than AWS. */
  adapt?: ((template: Template) => Template) | undefined;
};

export type Deployed = { outputs: Outputs; inputs: string | undefined };

/** A stack that takes longer hangs: 80 resources take a second. */
const deployTimeoutMs = 120_000;
const inputsTag = 'tieout:inputs';

/** Gives the outputs of the stack. Throws with the reason of the first resource that failed. */
export async function deploy(options: DeployOptions): Promise<Outputs> {
  const { endpoint, assembly, stackName } = options;
  const uploaded = await uploadAssets(options);
  const cloudFormation = new CloudFormationClient(connection(endpoint));
  const request = {
    StackName: stackName,
    TemplateURL: uploaded.templateUrl,
    Parameters: Object.entries(options.parameters).map(
      ([ParameterKey, ParameterValue]): Parameter => ({ ParameterKey, ParameterValue }),
    ),
    Tags: [{ Key: inputsTag, Value: options.inputs }],
    Capabilities: ['CAPABILITY_IAM' as const, 'CAPABILITY_NAMED_IAM' as const],
  };
  if (await describe(cloudFormation, stackName)) await updateStack(cloudFormation, request);
  else await cloudFormation.send(new CreateStackCommand(request));
  const stack = await untilDone(cloudFormation, stackName);
  const outputs = outputsOf(stack);
  await restoreDropped(endpoint, readTemplate(assembly, stackName), outputs);
  return outputs;
}

/** What a stack that is whole was deployed from; undefined when there is none. */
export async function deployedStack(endpoint: string, stackName: string): Promise<Deployed | undefined> {
  const stack = await describe(new CloudFormationClient(connection(endpoint)), stackName);
  if (!stack || !/^(CREATE|UPDATE)_COMPLETE$/.test(stack.StackStatus ?? '')) return undefined;
  return { outputs: outputsOf(stack), inputs: stack.Tags?.find(({ Key }) => Key === inputsTag)?.Value };
}

function outputsOf(stack: Stack): Outputs {
  return Object.fromEntries(
    (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
  );
}

async function describe(client: CloudFormationClient, stackName: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    return Stacks?.[0];
  } catch (error) {
    if ((error as Error).name === 'ValidationError') return undefined;
    throw error;
  }
}

async function updateStack(
  client: CloudFormationClient,
  request: ConstructorParameters<typeof UpdateStackCommand>[0],
): Promise<void> {
  try {
    await client.send(new UpdateStackCommand(request));
  } catch (error) {
    if (!(error as Error).message.includes('No updates are to be performed')) throw error;
  }
}

async function untilDone(client: CloudFormationClient, stackName: string): Promise<Stack> {
  const deadline = Date.now() + deployTimeoutMs;
  for (;;) {
    const stack = await describe(client, stackName);
    const status = stack?.StackStatus ?? 'absent';
    if (stack && /^(CREATE|UPDATE)_COMPLETE$/.test(status)) return stack;
    if (!status.endsWith('_IN_PROGRESS'))
      throw new Error(`Stack ${stackName} is ${status}: ${await whyFailed(client, stackName)}`);
    if (Date.now() > deadline) throw new Error(`Stack ${stackName} is still ${status} after ${deployTimeoutMs} ms`);
    await sleep(100);
  }
}

async function whyFailed(client: CloudFormationClient, stackName: string): Promise<string> {
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: stackName }));
  const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED')).at(-1);
  return failed
    ? `${failed.LogicalResourceId} (${failed.ResourceType}): ${failed.ResourceStatusReason}`
    : 'no resource says why';
}

type AssetFile = {
  source: { path: string; packaging: 'file' | 'zip' };
  destinations: Record<string, { bucketName: string; objectKey: string }>;
};

async function uploadAssets({ endpoint, assembly, stackName, adapt }: DeployOptions): Promise<{ templateUrl: string }> {
  const s3 = new S3Client({ ...connection(endpoint), forcePathStyle: true });
  const { files } = JSON.parse(readFileSync(join(assembly, `${stackName}.assets.json`), 'utf8')) as {
    files: Record<string, AssetFile>;
  };
  let templateUrl: string | undefined;
  const buckets = new Set<string>();
  for (const { source, destinations } of Object.values(files)) {
    const path = join(assembly, source.path);
    for (const destination of Object.values(destinations)) {
      const bucket = withAccount(destination.bucketName);
      if (!buckets.has(bucket)) await createBucket(s3, bucket);
      buckets.add(bucket);
      const isTemplate = basename(source.path) === `${stackName}.template.json`;
      if (isTemplate) templateUrl = `${endpoint}/${bucket}/${destination.objectKey}`;
      const body =
        isTemplate && adapt
          ? JSON.stringify(adapt(readTemplate(assembly, stackName)))
          : readFileSync(source.packaging === 'zip' ? zipped(path) : path);
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: destination.objectKey, Body: body }));
    }
  }
  if (!templateUrl) throw new Error(`${assembly} has no template of ${stackName}`);
  return { templateUrl };
}

async function createBucket(s3: S3Client, bucket: string): Promise<void> {
  try {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (!/BucketAlready(OwnedByYou|Exists)/.test((error as Error).name)) throw error;
  }
}

/** An asset's directory is named by the hash of its content, so its archive is made once. */
function zipped(directory: string): string {
  const archives = join(localDirectory, 'assets');
  const archive = join(archives, `${basename(directory)}.zip`);
  const now = new Date();
  if (existsSync(archive)) {
    utimesSync(archive, now, now);
    return archive;
  }
  mkdirSync(archives, { recursive: true });
  for (const name of readdirSync(archives)) {
    const age = now.getTime() - statSync(join(archives, name)).mtimeMs;
    if (age > unusedArchiveMs) rmSync(join(archives, name), { force: true });
  }
  const making = join(archives, `${basename(directory)}.${process.pid}`);
  const python = join(localDirectory, 'venv', 'bin', 'python');
  const script = 'import shutil, sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2])';
  execFileSync(python, ['-c', script, making, directory]);
  renameSync(`${making}.zip`, archive);
  return archive;
}
const unusedArchiveMs = 24 * 60 * 60 * 1_000;

function withAccount(text: string): string {
  const values: Record<string, string> = { AccountId: account, Region: region, Partition: 'aws' };
  return text.replace(/\$\{AWS::(AccountId|Region|Partition)\}/g, (_all, name: string) => values[name] ?? '');
}

export type Template = { Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }> };

function readTemplate(assembly: string, stackName: string): Template {
  return JSON.parse(readFileSync(join(assembly, `${stackName}.template.json`), 'utf8')) as Template;
}

/** MiniStack 1.5.33 ignores these two properties in a template, and honours them when they are set by their own call. */
async function restoreDropped(endpoint: string, template: Template, outputs: Outputs): Promise<void> {
  const dynamodb = new DynamoDBClient(connection(endpoint));
  const apis = new ApiGatewayV2Client(connection(endpoint));
  for (const { Type, Properties = {} } of Object.values(template.Resources)) {
    if (Type === 'AWS::DynamoDB::Table') {
      const TimeToLiveSpecification = Properties.TimeToLiveSpecification as TimeToLiveSpecification;
      await dynamodb.send(new UpdateTimeToLiveCommand({ TableName: outputs.TableName, TimeToLiveSpecification }));
    }
    if (Type === 'AWS::ApiGatewayV2::Api') {
      const surface = surfaces.find(({ name }) => String(Properties.Name).endsWith(`-${name}`));
      if (!surface) throw new Error(`infra/local/surfaces.ts has no line for the API ${Properties.Name}`);
      const ApiId = outputs[surface.apiIdOutput];
      await apis.send(new UpdateApiCommand({ ApiId, CorsConfiguration: Properties.CorsConfiguration as Cors }));
    }
  }
}
