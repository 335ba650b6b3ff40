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
  /** Where the function that asks the directory stands; outside any network when absent. */
  directoryNetwork?: DirectoryNetwork;
};

/** The subnets need a way to the directory and to Secrets Manager (an interface endpoint or NAT). */
export type DirectoryNetwork = { subnetIds: string[]; securityGroupIds: string[] };

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
  const directoryNetwork = readDirectoryNetwork(app);
  return {
    stage,
    architecture,
    platform,
    ...(alarmEmail !== '' && { alarmEmail }),
    ...(directoryNetwork && { directoryNetwork }),
  };
}

function readDirectoryNetwork(app: App): DirectoryNetwork | undefined {
  const ids = (key: string, form: RegExp): string[] => {
    const given = String(app.node.tryGetContext(key) ?? '');
    const list = given.split(',').filter((id) => id !== '');
    if (!list.every((id) => form.test(id))) throw new Error(`${key} "${given}": ids parted by commas`);
    return list;
  };
  const subnetIds = ids('directorySubnets', /^subnet-[0-9a-f]+$/);
  const securityGroupIds = ids('directorySecurityGroups', /^sg-[0-9a-f]+$/);
  if (subnetIds.length > 0 !== securityGroupIds.length > 0)
    throw new Error('directorySubnets and directorySecurityGroups: both or neither');
  return subnetIds.length > 0 ? { subnetIds, securityGroupIds } : undefined;
}

/** Of the one CloudFormation stack of a deployment. */
export function stackName(stage: string): string {
  return `tieout-${stage}`;
}
