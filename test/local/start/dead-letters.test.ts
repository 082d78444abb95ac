import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { type DeadLetterSources, tellDeadLetters } from '../../../local/start/dead-letters.ts';
import { billingConsumer } from '../ledger/ledger-under-test.ts';

const ARN = 'arn:aws:sqs:eu-west-1:123456789012';

const REDRIVE = [
  'billing: 1 dead letter. Once the cause is fixed, redrive:',
  `  aws --endpoint-url $AWS_ENDPOINT_URL sqs start-message-move-task --source-arn ${ARN}:billing-dead.fifo`,
];

function start(consumers: ReturnType<DeadLetterSources['consumers']>, queues = [billingConsumer('').queue]) {
  const clock = createMovableClock(() => 0);
  const said: string[] = [];
  const letters = new Map<string, number>();
  const sqs = {
    depths: () =>
      [...letters].map(([queueName, visible]) => ({
        queueArn: `${ARN}:${queueName}`,
        queueName,
        visible,
        inFlight: 0,
        delayed: 0,
      })),
  };
  const sources = { sqs, deployment: () => ({ queues }), consumers: () => consumers };
  const telling = tellDeadLetters(sources, { screen: { line: (text) => said.push(text) }, clock });
  return { clock, said, letters, telling };
}

describe('tellDeadLetters', () => {
  it('prints the redrive command once for a dead-letter queue that receives messages', () => {
    const { clock, said, letters } = start([billingConsumer('')]);
    clock.advance(1000);
    expect(said).toStrictEqual([]);

    letters.set('billing-dead.fifo', 1);
    clock.advance(1000);
    letters.set('billing-dead.fifo', 2);
    clock.advance(1000);

    expect(said).toStrictEqual(REDRIVE);
  });

  it('prints it again for dead letters that arrive after a redrive', () => {
    const { clock, said, letters } = start([billingConsumer('')]);
    for (const count of [1, 0, 1]) {
      letters.set('billing-dead.fifo', count);
      clock.advance(1000);
    }

    expect(said).toStrictEqual([...REDRIVE, ...REDRIVE]);
  });

  it('prints the command that delivers undeliverable events', () => {
    const { clock, said, letters } = start([billingConsumer('')]);
    letters.set('billing-undeliverable', 3);
    clock.advance(1000);

    expect(said).toStrictEqual([
      'billing: the bus could not deliver 3 events. Once the cause is fixed, deliver:',
      '  npx waybill deliver --consumer billing',
    ]);
  });

  it("uses a queue's own name if no consumer reads it", () => {
    const { clock, said, letters } = start([]);
    letters.set('billing-dead.fifo', 2);
    clock.advance(1000);

    expect(said[0]).toBe('billing.fifo: 2 dead letters. Once the cause is fixed, redrive:');
  });

  it('prints nothing after it is disposed of', () => {
    const { clock, said, letters, telling } = start([billingConsumer('')]);

    telling[Symbol.dispose]();
    letters.set('billing-dead.fifo', 1);
    clock.advance(5000);

    expect(said).toStrictEqual([]);
  });
});
