import { expect, it } from 'vitest';
import { describeError } from '../../cli/describe-error.ts';

const errorOf = (message: string, members: object) => Object.assign(new Error(message), members);

it.each([
  [
    errorOf('getaddrinfo ENOTFOUND lambda.us-east-1.amazonaws.com', { code: 'ENOTFOUND' }),
    'getaddrinfo ENOTFOUND lambda.us-east-1.amazonaws.com: for a local run paste the export lines that it printed, AWS_ENDPOINT_URL among them',
  ],
  [
    errorOf('Region is missing', {}),
    'Region is missing: set AWS_REGION; for a local run paste the export lines that it printed',
  ],
  [
    errorOf('Could not load credentials from any providers', { name: 'CredentialsProviderError' }),
    'Could not load credentials from any providers: set AWS_PROFILE, or sign in; for a local run paste the export lines that it printed',
  ],
  [
    errorOf('User: ann is not authorized to perform: sqs:sendmessage', { name: 'AccessDenied', Code: 'AccessDenied' }),
    'User: ann is not authorized to perform: sqs:sendmessage: waybill iam COMMAND prints the policy that the command needs',
  ],
  [
    errorOf('The specified queue does not exist.', { name: 'QueueDoesNotExist' }),
    'The specified queue does not exist: a queue that the deployed functions name was deleted, or --from names none: deploy the stacks again, or correct --from',
  ],
  [
    errorOf('the work names no tenant', { code: 'TENANT_MISSING' }),
    'this deployment requires a tenant: name it with --tenant ID',
  ],
  [errorOf('something else', {}), 'something else'],
])('describes what to do about %s', (error, text) => {
  expect(describeError(error)).toBe(text);
});
