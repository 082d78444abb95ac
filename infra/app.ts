import { Errors } from 'aws-cdk-lib';
import { WaybillError } from '../lib/contracts/index.ts';
import { createApp } from './create-app.ts';

try {
  createApp().synth();
} catch (error) {
  const isForUsers = error instanceof WaybillError || isFailedValidation(error);
  if (!isForUsers) throw error;
  // the message says what to mend; a stack trace would bury it
  console.error(error.message);
  // at once: at a normal end CDK synthesizes what there is, and tells what a broken off tree lacks
  process.exit(1);
}

/** What constructs found wrong once the tree was complete, one line per problem. */
function isFailedValidation(error: unknown): error is Error {
  return Errors.isValidationError(error) && error.name === 'ValidationFailedWithErrors';
}
