import { hostname, userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { systemSleep } from '../lib/shared/backoff.ts';
import { systemClock } from '../lib/shared/time.ts';
import { whenOutputCloses } from '../local/view/closed-output.ts';
import { createCommandConsole } from './console.ts';
import { refuseWrongEndpoint } from './endpoint.ts';
import { runCommand } from './run-command.ts';

/** Runs an operator's command in this terminal, where the AWS SDK points to. @returns its exit status */
export function operate(args: readonly string[]): Promise<number> {
  const console = createCommandConsole(process);
  whenOutputCloses([process.stdout, process.stderr], () => {
    console.note('stopped: nobody reads the output any more; the same command again does what is left');
    process.exit(1);
  });
  return runCommand(args, {
    openClients: () => {
      refuseWrongEndpoint(process.env);
      return {
        dynamoDb: new DynamoDBClient({}),
        sqs: new SQSClient({}),
        lambda: new LambdaClient({}),
      };
    },
    clock: systemClock,
    sleep: systemSleep,
    console,
    operator: `${userInfo().username}@${hostname()}`,
  });
}
