import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { runCommand } from '../../../../cli/run-command.ts';
import { systemSleep } from '../../../../lib/shared/backoff.ts';
import type { Clock } from '../../../../lib/shared/time.ts';

export interface CommandAnswerDeps {
  readonly clients: { readonly dynamoDb: DynamoDBClient; readonly lambda: LambdaClient; readonly sqs: SQSClient };
  /** The run's: an event's age counts on it. */
  readonly clock: Clock;
}

const MOST_ATTEMPTS = 5;

/**
 * Runs a command of the operator's tool that may be repeated without harm, until it has an answer: under faults calls of the
 * operator fail, too.
 * @returns its answer as JSON, whether it was content with it (status 0) or not (status 1)
 * @throws when it gave none
 */
export async function commandAnswer(args: readonly string[], deps: CommandAnswerDeps): Promise<object> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(args, deps);
    } catch (error) {
      if (attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

async function once(args: readonly string[], { clients, clock }: CommandAnswerDeps): Promise<object> {
  const lines: string[] = [];
  const notes: string[] = [];
  const status = await runCommand([...args, '--json'], {
    openClients: () => clients,
    clock,
    sleep: systemSleep,
    console: {
      isTerminal: false,
      line: (text) => void lines.push(text),
      note: (text) => void notes.push(text),
      progress: () => {},
      confirm: async () => undefined,
    },
    operator: 'local-run',
  });
  const answer: unknown = JSON.parse(lines.at(-1) ?? 'null');
  if (typeof answer === 'object' && answer !== null) return answer;
  throw new Error(`npx waybill ${args.join(' ')} ended with ${status}: ${notes.join('; ')}`);
}
