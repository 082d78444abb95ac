import type { Context } from 'aws-lambda';
import type { Clock, EpochMs } from '../shared/time.ts';

/** A Lambda invocation that ends at `endsAt` of the harness's clock. */
export const invocationOf = (functionName: string, clock: Clock, endsAt: EpochMs): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName,
  functionVersion: '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:eu-west-1:000000000000:function:${functionName}`,
  memoryLimitInMB: '256',
  awsRequestId: `${functionName}-request`,
  logGroupName: functionName,
  logStreamName: functionName,
  getRemainingTimeInMillis: () => Math.max(endsAt - clock.now(), 0),
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
});
