// The one function that may stand in somebody's network does so where the deployment says, and no other ever does.
import { rmSync } from 'node:fs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { makeApp, resourcesOf } from '../../fixtures/infra/template.ts';

const network = { directorySubnets: 'subnet-0a1,subnet-0b2', directorySecurityGroups: 'sg-0c3' };

function withContext(context: Record<string, string>) {
  const { app, stack, directory } = makeApp(undefined, context);
  try {
    const functions = Object.values(resourcesOf(stack)).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    const inNetwork = functions.filter(({ Properties }) => Properties.VpcConfig);
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    return { resources: resourcesOf(stack), inNetwork, violations: violations.map(({ ruleName }) => ruleName) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe('auth-ldap: the network of the directory', () => {
  it('holds the directory function alone, with the right to its interfaces', () => {
    const { resources, inNetwork, violations } = withContext(network);
    expect(inNetwork.map(({ Properties }) => [Properties.FunctionName, Properties.VpcConfig])).toEqual([
      ['tieout-test-directory', { SubnetIds: ['subnet-0a1', 'subnet-0b2'], SecurityGroupIds: ['sg-0c3'] }],
    ]);
    const role = (inNetwork[0]!.Properties.Role as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0];
    const policies = Object.entries(resources).filter(([, { Type, Properties }]) => {
      const roles = Properties?.Roles as { Ref: string }[] | undefined;
      return Type === 'AWS::IAM::Policy' && roles?.some(({ Ref }) => Ref === role);
    });
    expect(JSON.stringify(policies)).toContain('ec2:CreateNetworkInterface');
    expect(inNetwork[0]!.DependsOn).toEqual(expect.arrayContaining(policies.map(([id]) => id)));
    expect(violations).toEqual([]);
  });

  it('is none where none is named', () => {
    expect(withContext({}).inNetwork).toEqual([]);
  });

  it.each([
    { directorySubnets: 'subnet-0a1' },
    { directorySecurityGroups: 'sg-0c3' },
    { ...network, directorySubnets: 'vpc-1' },
    { ...network, directorySecurityGroups: 'subnet-0a1' },
  ])('%j is refused', (context) => {
    expect(() => makeApp(undefined, context)).toThrow(/directory(Subnets|SecurityGroups)/);
  });
});
