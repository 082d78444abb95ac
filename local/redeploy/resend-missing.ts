import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { runOps } from '../../functions/ops/run-ops.ts';
import { systemSleep } from '../../lib/shared/backoff.ts';
import type { Clock } from '../../lib/shared/time.ts';

export interface ResendDeps {
  readonly clients: { readonly dynamoDb: DynamoDBClient; readonly lambda: LambdaClient; readonly sqs: SQSClient };
  /** The run's: an event's age counts on it. */
  readonly clock: Clock;
}

const MOST_ATTEMPTS = 5;

/**
 * What the runbook asks of an operator after a strict consumer got another queue: the log has every event, but the messages
 * that lay in the old queue are gone. What nobody has handled is sent again, and what groups wait for.
 * @returns how many events were sent
 */
export async function resendMissing(consumer: string, { clients, clock }: ResendDeps): Promise<number> {
  const args = ['audit', '--consumer', consumer, '--grace', '0', '--ring', '--waiting'];
  for (let attempt = 1; ; attempt++) {
    try {
      const { found } = await ops(args, clients, clock);
      return Array.isArray(found) ? found.length : 0;
    } catch (error) {
      // the same command again does no harm, and under faults calls of the operator fail, too
      if (attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

/** The operator's tool, with its answer as JSON. @throws when it says that it failed */
async function ops(
  args: readonly string[],
  clients: ResendDeps['clients'],
  clock: Clock,
): Promise<{ found?: unknown }> {
  const lines: string[] = [];
  const notes: string[] = [];
  const status = await runOps([...args, '--json'], {
    openClients: () => clients,
    clock,
    sleep: systemSleep,
    console: {
      line: (text) => void lines.push(text),
      note: (text) => void notes.push(text),
      progress: () => {},
      confirm: async () => undefined,
    },
    operator: 'local-run',
  });
  if (status !== 0) throw new Error(`npm run ops -- ${args.join(' ')} ended with ${status}: ${notes.join('; ')}`);
  const answer: unknown = JSON.parse(lines.at(-1) ?? '{}');
  return typeof answer === 'object' && answer !== null ? answer : {};
}
