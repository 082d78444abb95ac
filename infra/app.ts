import { Errors } from 'aws-cdk-lib';
import { WaybillError } from '../lib/definitions/index.ts';
import { createApp } from './create-app.ts';
import { bundleLoadProblems } from './load-bundles.ts';
import * as services from './services.ts';

try {
  const app = createApp({ services: Object.values(services) });
  app.synth();
  // a bundle that cannot be loaded would only fail at a cold start
  const problems = await bundleLoadProblems(app);
  if (problems.length > 0) refuse(problems.join('\n'));
} catch (error) {
  const isForUsers = error instanceof WaybillError || isFailedValidation(error);
  if (!isForUsers) throw error;
  refuse(error.message);
}

/** Without a stack trace, so that the message, which says what to fix, is visible. */
function refuse(message: string): never {
  console.error(message);
  // exit now: otherwise CDK would synthesize the incomplete tree and report follow-up errors
  process.exit(1);
}

/** Whether it is the error of constructs' validations, one line per problem. */
function isFailedValidation(error: unknown): error is Error {
  return Errors.isValidationError(error) && error.name === 'ValidationFailedWithErrors';
}
