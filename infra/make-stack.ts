// The stack of a deployment, under the name by which the CDK and the local stack know it.
import { type App, DefaultStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import { stackName } from './deployment.ts';
import { type TieoutProps, TieoutStack } from './stacks/tieout-stack.ts';

export function makeStack(app: App, props: Omit<TieoutProps, 'synthesizer' | 'stackName'>): TieoutStack {
  return new TieoutStack(app, stackName(props.deployment.stage), {
    ...props,
    description: 'Tieout: proves that two sets of figures agree, and answers for every difference',
    // The CDK's command checks the version of the bootstrap itself; the rule in the template needs a parameter of it.
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
  });
}
