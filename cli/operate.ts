import { hostname, userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { systemSleep } from '../lib/shared/backoff.ts';
import { systemClock } from '../lib/shared/time.ts';
import { createCommandConsole } from './console.ts';
import { runCommand } from './run-command.ts';

/** Runs an operator's command in this terminal, where the AWS SDK points to. @returns its exit status */
export const operate = (args: readonly string[]): Promise<number> =>
  runCommand(args, {
    openClients: () => ({
      dynamoDb: new DynamoDBClient({}),
      sqs: new SQSClient({}),
      lambda: new LambdaClient({}),
    }),
    clock: systemClock,
    sleep: systemSleep,
    console: createCommandConsole(process),
    operator: `${userInfo().username}@${hostname()}`,
  });
