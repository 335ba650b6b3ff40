// The one function that may stand in somebody's network does so where the deployment says, and no other ever does.
import { rmSync } from 'node:fs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, describe, expect, it } from 'vitest';
import { makeApp, resourcesOf } from '../../fixtures/infra/template.ts';

const network = { directorySubnets: 'subnet-0a1b2c3d,subnet-0b2c3d4e', directorySecurityGroups: 'sg-0c3d4e5f' };
const within = makeApp(undefined, network);
const without = makeApp();
afterAll(() => {
  for (const { directory } of [within, without]) rmSync(directory, { recursive: true, force: true });
});

function inNetwork(resources: ReturnType<typeof resourcesOf>) {
  const functions = Object.values(resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  expect(functions.length).toBeGreaterThan(5);
  return functions.filter(({ Properties }) => Properties.VpcConfig);
}

describe('auth-ldap: the network of the directory', () => {
  const resources = resourcesOf(within.stack);
  const usual = resourcesOf(without.stack);

  it('holds the directory function alone, with the right to its interfaces', () => {
    const [directory, ...others] = inNetwork(resources);
    expect(others).toEqual([]);
    expect(directory?.Properties).toMatchObject({
      FunctionName: 'tieout-test-directory',
      VpcConfig: { SubnetIds: ['subnet-0a1b2c3d', 'subnet-0b2c3d4e'], SecurityGroupIds: ['sg-0c3d4e5f'] },
    });
    const role = (directory!.Properties.Role as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0];
    const policies = Object.entries(resources).filter(([, { Type, Properties }]) => {
      const roles = Properties?.Roles as { Ref: string }[] | undefined;
      return Type === 'AWS::IAM::Policy' && roles?.some(({ Ref }) => Ref === role);
    });
    expect(JSON.stringify(policies)).toContain('ec2:CreateNetworkInterface');
    expect(directory!.DependsOn).toEqual(expect.arrayContaining(policies.map(([id]) => id)));
  });

  it('is clean by cdk-nag', () => {
    expect(new AwsSolutionsChecks(within.app).validateScope(within.app).violations).toEqual([]);
  });

  it('is none where none is named', () => {
    expect(inNetwork(usual)).toEqual([]);
  });

  it.each([
    { directorySubnets: 'subnet-0a1b2c3d' },
    { directorySecurityGroups: 'sg-0c3d4e5f' },
    { ...network, directorySubnets: 'vpc-1' },
    { ...network, directorySecurityGroups: 'subnet-0a1b2c3d' },
  ])('%j is refused', (context) => {
    expect(() => makeApp(undefined, context)).toThrow(/directory(Subnets|SecurityGroups)/);
  });
});
