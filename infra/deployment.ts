// What differs between one deployment and another: read once from CDK context (`cdk.json`, `npx cdk deploy -c key=value`).
// It refuses values that would deploy something else than was meant.
import type { App } from 'aws-cdk-lib';

export type Deployment = {
  /** Part of every name, so that one account can hold several: lower case letters, digits and hyphens. */
  stage: string;
  architecture: 'arm64' | 'x64';
  /** Of the machine that runs the functions: AWS has linux, the local emulator the platform of its host. */
  platform: 'linux' | 'darwin';
  /** Receives the alarms; nobody does when absent. */
  alarmEmail?: string;
};

export function readDeployment(app: App): Deployment {
  const stage = String(app.node.tryGetContext('stage') ?? 'production');
  const architecture = String(app.node.tryGetContext('architecture') ?? 'arm64');
  const platform = String(app.node.tryGetContext('platform') ?? 'linux');
  const alarmEmail = String(app.node.tryGetContext('alarmEmail') ?? '');
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new Error(`stage "${stage}": 1 to 20 lower case letters, digits and hyphens, a letter first`);
  if (architecture !== 'arm64' && architecture !== 'x64')
    throw new Error(`architecture "${architecture}": arm64 or x64`);
  if (platform !== 'linux' && platform !== 'darwin') throw new Error(`platform "${platform}": linux or darwin`);
  return { stage, architecture, platform, ...(alarmEmail !== '' && { alarmEmail }) };
}

/** Of the one CloudFormation stack of a deployment. */
export function stackName(stage: string): string {
  return `tieout-${stage}`;
}
