import { AwsError } from '../endpoint/aws-error.ts';
import type { Throttle } from './faults.ts';

export const invalidParameter = (message: string, options?: ErrorOptions) =>
  new AwsError('InvalidParameterValueException', message, { ...options, fields: { Type: 'User' } });

export const functionNotFound = (functionArn: string) =>
  new AwsError('ResourceNotFoundException', `Function not found: ${functionArn}`, {
    statusCode: 404,
    fields: { Type: 'User' },
  });

export const aliasNotFound = (aliasArn: string) =>
  new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${aliasArn}`, {
    statusCode: 404,
    fields: { Type: 'User' },
  });

export const mappingNotFound = () =>
  new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', {
    statusCode: 404,
    fields: { Type: 'User' },
  });

export const resourceConflict = (message: string) =>
  new AwsError('ResourceConflictException', message, { statusCode: 409, fields: { Type: 'User' } });

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const REASONS: Readonly<Record<Throttle, string>> = {
  function: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  account: 'ConcurrentInvocationLimitExceeded',
};

export const throttled = (whose: Throttle) =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    statusCode: 429,
    fields: { Reason: REASONS[whose], Type: 'User' },
  });

export const isThrottle = (error: unknown): boolean =>
  error instanceof AwsError && error.code === 'TooManyRequestsException';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html */
export const recursiveInvocation = () =>
  new AwsError(
    'RecursiveInvocationException',
    "Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped your function's invocation.",
    { fields: { Type: 'User' } },
  );

export const isRecursion = (error: unknown): boolean =>
  error instanceof AwsError && error.code === 'RecursiveInvocationException';

export const hostClosed = () =>
  new AwsError('ServiceException', 'the local run is ending: its Lambda host takes no more invocations', {
    statusCode: 503,
    fields: { Type: 'Service' },
  });
