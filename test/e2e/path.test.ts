import {
  DeleteQueueCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordOf } from '../../lib/outbox/index.ts';
import { AwsError } from '../../local/endpoint/aws-error.ts';
import type { EventBridgeFaults } from '../../local/eventbridge/eventbridge.ts';
import { type Bank, startBank } from './bank/start-bank.ts';
import { eventually } from './eventually.ts';

/** What the test at hand lets go wrong on the bus. */
let busFaults: EventBridgeFaults = {};
let bank: Bank;

beforeAll(async () => {
  bank = await startBank({
    eventBridge: {
      onPutEvents: (entries) => busFaults.onPutEvents?.(entries),
      onPutEventsEntry: (entry) => busFaults.onPutEventsEntry?.(entry),
      onDelivery: (delivery) => busFaults.onDelivery?.(delivery),
    },
  });
});

beforeEach(() => {
  busFaults = {};
});

afterAll(() => bank.close());

const depthOf = (queueArn: string) => bank.run.sqs.peek(queueArn).length;

describe('the path of an event', () => {
  it('leads from the commit to every subscribed consumer, and on to the events that they publish', async () => {
    const ids = await bank.publish({ accountId: 'a' }, { accountId: 'b' }, { accountId: 'a' });
    await bank.settle();

    expect(await bank.effects()).toMatchObject(Object.fromEntries(ids.map((id) => [id, 1])));
    const audited = await bank.audited();
    expect(audited).toEqual(expect.arrayContaining([...ids]));
    // one BalanceChanged for each deposit went round through the outbox again
    expect(audited).toHaveLength(6);
    expect(await bank.pending()).toStrictEqual([]);
  });

  it('survives a consumer that is killed in its handler: the effect happens once', async () => {
    const [id = ''] = await bank.publish({ accountId: 'killed', behaviour: 'die-once' });
    await bank.settle();

    expect(await bank.attempts(id)).toBe(2);
    expect((await bank.effects())[id]).toBe(1);
    expect(await bank.audited()).toContain(id);
  });

  it('survives a bus that throttles calls and fails entries: nothing is lost', async () => {
    let calls = 0;
    let entries = 0;
    busFaults = {
      onPutEvents: () => (calls++ % 3 === 0 ? new AwsError('ThrottlingException', 'Rate exceeded') : undefined),
      onPutEventsEntry: () =>
        entries++ % 2 === 0 ? { ErrorCode: 'InternalFailure', ErrorMessage: 'Unexpected error' } : undefined,
    };

    const ids = await bank.publish(...Array.from({ length: 12 }, (_, index) => ({ accountId: `t${index % 4}` })));
    await bank.settle();

    expect(calls).toBeGreaterThan(2);
    expect(await bank.effects()).toMatchObject(Object.fromEntries(ids.map((id) => [id, 1])));
    expect(await bank.audited()).toEqual(expect.arrayContaining([...ids]));
    expect(await bank.pending()).toStrictEqual([]);
  });

  it('quarantines an event that the bus rejects permanently, with the reason, and publishes the others', async () => {
    busFaults = {
      onPutEventsEntry: ({ Detail }) =>
        String(Detail).includes('refused')
          ? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
          : undefined,
    };

    const [refused = '', carried = ''] = await bank.publish({ accountId: 'refused' }, { accountId: 'fine' });
    await bank.settle();

    const effects = await bank.effects();
    expect(effects[carried]).toBe(1);
    expect(effects[refused]).toBeUndefined();
    expect(await bank.pending()).toMatchObject([
      { id: { S: refused }, quarantined: { M: { code: { S: 'MalformedDetail' } } } },
    ]);
  });

  it('does not repeat the effect of an event that is delivered again much later', async () => {
    const [id = ''] = await bank.publish({ accountId: 'twice' });
    await bank.settle();
    const { url, queueArn } = arnOf('accounts');
    const body = await storedEvent(id);

    // under another id, as after the five minutes in which the queue itself drops it
    await bank.sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: body,
        MessageGroupId: 'account#twice',
        MessageDeduplicationId: 'again',
      }),
    );
    await bank.settle();

    expect(depthOf(queueArn)).toBe(0);
    expect(await bank.attempts(id)).toBe(1);
    expect((await bank.effects())[id]).toBe(1);
    expect(bank.logLines.filter((line) => line.includes('duplicate skipped') && line.includes(id))).toHaveLength(1);
  });

  it('does not repeat effects when the bus delivers everything twice', async () => {
    busFaults = { onDelivery: () => ({ copies: 2 }) };

    const ids = await bank.publish({ accountId: 'copies' }, { accountId: 'copies' });
    await bank.settle();

    expect(await bank.effects()).toMatchObject(Object.fromEntries(ids.map((id) => [id, 1])));
  });
});

describe('a dead letter', () => {
  it('stays in the FIFO DLQ while other groups continue, and is handled after a redrive like that of the console', async () => {
    const [failing = '', later = ''] = await bank.publish(
      { accountId: 'locked', behaviour: 'fail-until-mended' },
      { accountId: 'open' },
    );
    await bank.settle();
    const deadLetters = arnOf('accounts', 'DeadLetterQueue');

    expect((await bank.effects())[later]).toBe(1);
    expect((await bank.effects())[failing]).toBeUndefined();
    expect(await bank.attempts(failing)).toBe(3);
    expect(bank.run.sqs.peek(deadLetters.queueArn)).toMatchObject([
      { groupId: 'account#locked', deadLetterSourceArn: arnOf('accounts').queueArn },
    ]);

    await bank.mend();
    const { TaskHandle } = await bank.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.queueArn }));
    await eventually(async () => {
      bank.run.clock.advance(1_000);
      const { Results } = await bank.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: deadLetters.queueArn }));
      expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }]);
    });
    await bank.settle();

    expect(TaskHandle).toBeDefined();
    expect(depthOf(deadLetters.queueArn)).toBe(0);
    expect((await bank.effects())[failing]).toBe(1);
  });

  it('can also be a message that is not an event', async () => {
    const { url } = arnOf('audit');
    const deadLetters = arnOf('audit', 'DeadLetterQueue');

    await bank.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'hello', MessageGroupId: 'account#7' }));
    await bank.settle();

    expect(bank.run.sqs.peek(deadLetters.queueArn)).toMatchObject([{ body: 'hello', groupId: 'account#7' }]);
    // how often it was tried does not matter: a receive whose execution ran out of time says nothing
    expect(bank.logLines).toContainEqual(expect.stringMatching(/event failed.*EVENT_MALFORMED/));
  });
});

describe('an event that cannot be delivered', () => {
  it('stays in the undeliverable queue with its reason, and reaches the other consumers', async () => {
    await bank.sqs.send(new DeleteQueueCommand({ QueueUrl: arnOf('audit').url }));

    const [id = ''] = await bank.publish({ accountId: 'nowhere' });
    await eventually(async () => expect((await bank.effects())[id]).toBe(1));

    const { url } = arnOf('audit', 'UndeliverableQueue');
    const { Messages = [] } = await bank.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MessageAttributeNames: ['All'],
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 20,
      }),
    );
    const message = Messages.find(({ Body }) => Body?.includes(id));
    expect(JSON.parse(message?.Body ?? '{}')).toMatchObject({
      'detail-type': 'com.example.account.deposited',
      detail: { id },
    });
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(
      expect.arrayContaining(['RULE_ARN', 'TARGET_ARN', 'ERROR_CODE', 'ERROR_MESSAGE']),
    );
  });
});

function arnOf(consumer: 'accounts' | 'audit', role: 'Queue' | 'DeadLetterQueue' | 'UndeliverableQueue' = 'Queue') {
  const { url, arn } = bank.queue(consumer, role);
  return { url, queueArn: arn ?? '' };
}

async function storedEvent(id: string): Promise<string> {
  const stored = (await bank.outbox()).find((item) => item['id']?.S === id);
  return stored === undefined ? '' : recordOf(stored).body;
}
