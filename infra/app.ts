// The CDK app, run by `npx cdk deploy` and by the local stack: bundles the functions, fetches the engine's layer,
// synthesizes the one stack and checks it by cdk-nag. A finding without a written reason fails the synthesis.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleFunctions } from './bundle.ts';
import { readDeployment } from './deployment.ts';
import { duckdbLayer } from './duckdb-layer.ts';
import { functions } from './functions.ts';
import { localDirectory, projectRoot } from './local/paths.ts';
import { makeStack } from './make-stack.ts';

const app = new App();
const deployment = readDeployment(app);
mkdirSync(localDirectory, { recursive: true });
// Only until the CDK has copied them into its output: two syntheses at once must not share it.
const bundlesDirectory = mkdtempSync(join(localDirectory, 'bundles-'));
try {
  const bundles = await bundleFunctions(projectRoot, functions, bundlesDirectory);
  makeStack(app, { deployment, functions, bundles, layerDirectory: duckdbLayer(deployment) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} finally {
  rmSync(bundlesDirectory, { recursive: true, force: true });
}
