import { hostname, userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { systemSleep } from '../lib/shared/backoff.ts';
import { systemClock } from '../lib/shared/time.ts';
import { createOpsConsole } from './console.ts';
import { runOps } from './run-ops.ts';

process.exitCode = await runOps(process.argv.slice(2), {
  openClients: () => ({
    dynamoDb: new DynamoDBClient({}),
    sqs: new SQSClient({}),
    lambda: new LambdaClient({}),
  }),
  clock: systemClock,
  sleep: systemSleep,
  console: createOpsConsole(process),
  operator: `${userInfo().username}@${hostname()}`,
});
