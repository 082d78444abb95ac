import { hostname, userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { systemSleep } from '../lib/shared/backoff.ts';
import { systemClock } from '../lib/shared/time.ts';
import { whenOutputCloses } from '../local/view/closed-output.ts';
import { createCommandConsole } from './console.ts';
import { refuseWrongEndpoint } from './endpoint.ts';
import { type CommandDeps, runCommand, TIMED_OUT } from './run-command.ts';

/**
 * Runs an operator's command in this terminal, with the AWS SDK's account, region and endpoint. @returns its exit
 * status
 */
export async function operate(args: readonly string[]): Promise<number> {
  const console = createCommandConsole(process);
  whenOutputCloses([process.stdout, process.stderr], () => {
    console.note('stopped: the output was closed; run the same command again to continue');
    process.exit(1);
  });
  const status = await runCommand(args, { ...systemCommandDeps(), console, onInterrupt });
  // the command is still at work
  if (status === TIMED_OUT) process.exit(status);
  return status;
}

/** A command's dependencies in this process, except for where it writes. */
export const systemCommandDeps = (): Omit<CommandDeps, 'console'> => ({
  openClients: ({ profile, region }) => {
    refuseWrongEndpoint(process.env);
    const config = { ...(profile !== undefined && { profile }), ...(region !== undefined && { region }) };
    return {
      dynamoDb: new DynamoDBClient(config),
      sqs: new SQSClient(config),
      lambda: new LambdaClient(config),
      ssm: () => new SSMClient(config),
      events: () => new EventBridgeClient(config),
    };
  },
  clock: systemClock,
  sleep: systemSleep,
  operator: `${userInfo().username}@${hostname()}`,
});

/** A second Ctrl-C ends the process at once. */
function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
