import { Errors } from 'aws-cdk-lib';
import { WaybillError } from '../lib/definitions/index.ts';
import { createApp } from './create-app.ts';
import { bundleLoadProblems } from './load-bundles.ts';
import * as services from './services.ts';

try {
  const app = createApp({ services: Object.values(services) });
  app.synth();
  // a bundle that cannot be loaded would fail at each cold start, and only there
  const problems = app.node.tryGetContext('loadBundles') === 'false' ? [] : await bundleLoadProblems(app);
  if (problems.length > 0) refuse(problems.join('\n'));
} catch (error) {
  const isForUsers = error instanceof WaybillError || isFailedValidation(error);
  if (!isForUsers) throw error;
  refuse(error.message);
}

/** The message says what to fix; a stack trace would bury it. */
function refuse(message: string): never {
  console.error(message);
  // at once: at a normal end CDK synthesizes what there is, and tells what a broken off tree lacks
  process.exit(1);
}

/** What constructs found wrong once the tree was complete, one line per problem. */
function isFailedValidation(error: unknown): error is Error {
  return Errors.isValidationError(error) && error.name === 'ValidationFailedWithErrors';
}
