import {
  CreateEventBusCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';
import { type EventBridgeRig, eventsArn, openEventBridgeRig, queueArn, SHOP } from './eventbridge-rig.ts';

let rig: EventBridgeRig;

const addRule = async (name: string, target: Partial<Target>, pattern = '{"source":["orders"]}', bus = SHOP) => {
  await rig.client.send(new PutRuleCommand({ Name: name, EventBusName: bus, EventPattern: pattern }));
  await rig.client.send(
    new PutTargetsCommand({ Rule: name, EventBusName: bus, Targets: [{ Id: 't', Arn: queueArn('q'), ...target }] }),
  );
};

const put = async (detail: object = {}, more: { DetailType?: string; EventBusName?: string } = {}) => {
  await rig.client.send(
    new PutEventsCommand({
      Entries: [
        { EventBusName: SHOP, Source: 'orders', DetailType: 'order.placed', Detail: JSON.stringify(detail), ...more },
      ],
    }),
  );
  await rig.settle();
};

const advance = async (ms: number) => {
  rig.clock.advance(ms);
  await rig.settle();
};

beforeEach(async () => {
  needsOwnEngine('EVENTBRIDGE', 'its targets are part of the engine');
  rig = await openEventBridgeRig();
  await rig.client.send(new CreateEventBusCommand({ Name: SHOP }));
});

describe('the input of a target', () => {
  const detail = {
    orderId: '1042',
    total: 12.5,
    lines: [{ sku: 'a' }, { sku: 'b' }],
    customer: { name: 'Ann' },
    gift: false,
  };

  it.each<[string, Partial<Target>, string]>([
    ['InputPath $.detail', { InputPath: '$.detail' }, JSON.stringify(detail)],
    ['InputPath to a text', { InputPath: '$.detail.orderId' }, '"1042"'],
    ['InputPath with an index', { InputPath: '$.detail.lines[1]' }, '{"sku":"b"}'],
    ['InputPath with *', { InputPath: '$.detail.lines[*].sku' }, '["a","b"]'],
    ['InputPath with a dash', { InputPath: '$.detail-type' }, '"order.placed"'],
    ['InputPath that leads nowhere', { InputPath: '$.detail.none.more' }, 'null'],
    ['Input', { Input: '{"fixed":true}' }, '{"fixed":true}'],
    [
      'InputTransformer to JSON',
      {
        InputTransformer: {
          InputPathsMap: {
            id: '$.detail.orderId',
            total: '$.detail.total',
            who: '$.detail.customer',
            gift: '$.detail.gift',
          },
          InputTemplate: '{"id":<id>,"total":<total>,"who":<who>,"gift":<gift>,"text":"order <id>: <total>"}',
        },
      },
      '{"id":"1042","total":12.5,"who":{"name":"Ann"},"gift":false,"text":"order 1042: 12.5"}',
    ],
    [
      'InputTransformer to text, where JSON loses its quotes',
      {
        InputTransformer: {
          InputPathsMap: { id: '$.detail.orderId', who: '$.detail.customer', none: '$.detail.none' },
          InputTemplate: '"order <id> of <who><none>"',
        },
      },
      '"order 1042 of {name:Ann}"',
    ],
    [
      'InputTransformer with predefined variables',
      {
        InputTransformer: {
          InputTemplate:
            '{"rule":"<aws.events.rule-name>","arn":<aws.events.rule-arn>,"at":<aws.events.event.ingestion-time>,"none":"<aws.events.rule-name>"}',
        },
      },
      '{"rule":"r","arn":"arn:aws:events:eu-central-1:111122223333:rule/shop/r","at":"2026-11-20T06:00:00Z","none":"r"}',
    ],
  ])('%s', async (_what, target, expected) => {
    await addRule('r', target);

    await put(detail);

    expect(rig.delivered.map(({ input }) => input)).toEqual([expected]);
  });

  it('has the whole event, with or without its detail, as predefined variables', async () => {
    await addRule('r', {
      InputTransformer: { InputTemplate: '{"whole":<aws.events.event.json>,"head":<aws.events.event>}' },
    });

    await put({ orderId: '1042' });

    const { whole, head } = JSON.parse(rig.delivered[0]?.input ?? '');
    expect(whole.detail).toEqual({ orderId: '1042' });
    expect(head).toEqual({
      id: '00000000-0000-4000-8000-000000000001',
      account: '111122223333',
      detailType: 'order.placed',
      time: '2026-11-20T06:00:00Z',
      source: 'orders',
      region: 'eu-central-1',
      resources: [],
      version: '0',
    });
  });

  it('goes to the dead-letter queue if it is not JSON', async () => {
    await addRule('r', {
      DeadLetterConfig: { Arn: queueArn('dlq') },
      InputTransformer: { InputPathsMap: { a: '$.detail.a' }, InputTemplate: '{"a":"<a>"}' },
    });

    await put({ a: 'quote " inside' });

    expect(rig.deadLetters[0]?.attributes).toMatchObject({ ERROR_CODE: 'INVALID_JSON', RETRY_ATTEMPTS: '0' });
  });
});

describe('the message group', () => {
  const dlq = { DeadLetterConfig: { Arn: queueArn('dlq') } };

  it.each([
    ['a text as it is', 'orders', 'orders'],
    ['a text from the event', '$.detail.partitionkey', 'order#1042'],
    ['a number from the event', '$.detail.n', '7'],
    ['a text of the envelope', '$.detail-type', 'order.placed'],
    ['what is no JSON path', '$.a b', '$.a b'],
  ])('is %s', async (_what, MessageGroupId, expected) => {
    await addRule('r', { Arn: queueArn('q.fifo'), InputPath: '$.detail.n', SqsParameters: { MessageGroupId } });

    await put({ partitionkey: 'order#1042', n: 7 });

    expect(rig.delivered).toMatchObject([{ messageGroupId: expected, input: '7' }]);
  });

  it.each([[{}], [{ partitionkey: '' }], [{ partitionkey: null }], [{ partitionkey: { a: 1 } }]])(
    'sends the event to the dead-letter queue at once if %j does not give one',
    async (detail) => {
      await addRule('r', {
        Arn: queueArn('q.fifo'),
        SqsParameters: { MessageGroupId: '$.detail.partitionkey' },
        ...dlq,
      });

      await put(detail);

      expect(rig.delivered).toEqual([]);
      expect(rig.deadLetters[0]?.attributes).toMatchObject({ ERROR_CODE: 'INVALID_PARAMETER', RETRY_ATTEMPTS: '0' });
    },
  );
});

describe('a delivery that fails', () => {
  const dlq = { DeadLetterConfig: { Arn: queueArn('dlq') } };
  const busy = () => {
    throw new AwsError('ServiceUnavailable', 'busy', { statusCode: 503 });
  };

  it('is retried with growing waits until it succeeds', async () => {
    let attempts = 0;
    rig.onAttempt = () => {
      attempts++;
      if (attempts < 4) busy();
    };
    await addRule('r', {});
    const attemptsAfter: number[] = [];

    await put();
    for (const waitMs of [749, 1, 1_499, 1, 2_999, 1]) {
      attemptsAfter.push(attempts);
      await advance(waitMs);
    }

    // jitter of a half leaves three quarters of 1, 2 and 4 seconds
    expect(attemptsAfter).toEqual([1, 1, 2, 2, 3, 3]);
    expect(rig.delivered).toHaveLength(1);
    expect(rig.engine.pendingDeliveries()).toBe(0);
  });

  it('lets later events overtake it', async () => {
    let isFirst = true;
    rig.onAttempt = () => {
      if (!isFirst) return;
      isFirst = false;
      busy();
    };
    await addRule('r', { InputPath: '$.detail.n' });

    await put({ n: 1 });
    await put({ n: 2 });
    await advance(1_000);

    expect(rig.delivered.map(({ input }) => input)).toEqual(['2', '1']);
  });

  it('goes to the dead-letter queue with the documented attributes when its retries are used up', async () => {
    rig.onAttempt = busy;
    await addRule('r', { ...dlq, InputPath: '$.detail', RetryPolicy: { MaximumRetryAttempts: 2 } });

    await put({ orderId: '1042' });
    await advance(1_000);
    const early = rig.deadLetters.length;
    await advance(2_000);

    expect(early).toBe(0);
    expect(rig.deadLetters).toEqual([
      {
        queueArn: 'arn:aws:sqs:eu-central-1:111122223333:dlq',
        ruleArn: eventsArn(`rule/${SHOP}/r`),
        body: '{"version":"0","id":"00000000-0000-4000-8000-000000000001","detail-type":"order.placed","source":"orders","account":"111122223333","time":"2026-11-20T06:00:00Z","region":"eu-central-1","resources":[],"detail":{"orderId":"1042"}}',
        attributes: {
          RULE_ARN: eventsArn(`rule/${SHOP}/r`),
          TARGET_ARN: 'arn:aws:sqs:eu-central-1:111122223333:q',
          ERROR_CODE: 'ERROR_FROM_TARGET',
          ERROR_MESSAGE: 'ServiceUnavailable: busy',
          RETRY_ATTEMPTS: '2',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
        },
      },
    ]);
    expect(rig.engine.pendingDeliveries()).toBe(0);
  });

  it('goes there when the event has become too old', async () => {
    rig.onAttempt = () => {
      throw new AwsError('ThrottlingException', 'slow down');
    };
    await addRule('r', { ...dlq, RetryPolicy: { MaximumEventAgeInSeconds: 60 } });

    await put();
    for (let second = 0; second < 59; second++) await advance(1_000);
    const early = rig.deadLetters.length;
    await advance(1_000);

    expect(early).toBe(0);
    expect(rig.deadLetters[0]?.attributes).toMatchObject({
      ERROR_CODE: 'THROTTLING',
      EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds',
    });
  });

  it('is retried for 24 hours by default', async () => {
    rig.onAttempt = busy;
    await addRule('r', dlq);

    await put();
    await advance(23 * 3_600_000);
    const early = rig.deadLetters.length;
    await advance(3_600_000);

    expect(early).toBe(0);
    expect(rig.deadLetters[0]?.attributes['EXHAUSTED_RETRY_CONDITION']).toBe('MaximumEventAgeInSeconds');
  });

  it.each([
    ['QueueDoesNotExist', 'NO_RESOURCE'],
    ['ResourceNotFoundException', 'NO_RESOURCE'],
    ['AccessDenied', 'NO_PERMISSIONS'],
    ['AccessDeniedException', 'NO_PERMISSIONS'],
    ['InvalidParameterValue', 'INVALID_PARAMETER'],
  ])('with %s goes to the dead-letter queue at once', async (code, expected) => {
    rig.onAttempt = () => {
      throw new AwsError(code, 'no');
    };
    await addRule('r', dlq);

    await put();

    expect(rig.deadLetters).toHaveLength(1);
    expect(rig.deadLetters[0]?.attributes).toMatchObject({ ERROR_CODE: expected, ERROR_MESSAGE: `${code}: no` });
    expect(rig.deadLetters[0]?.attributes).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION');
  });

  it('is dropped with an error in the log if there is no dead-letter queue, or if that fails too', async () => {
    rig.onAttempt = () => {
      throw new AwsError('QueueDoesNotExist', 'no');
    };
    await addRule('without', {});
    await addRule('with', { DeadLetterConfig: { Arn: queueArn('gone') } });

    await put();

    expect(rig.warnings).toEqual([
      'an event could not be delivered and is dropped: its target has no dead-letter queue',
      'an event could be delivered neither to its target nor to the dead-letter queue',
    ]);
    expect(rig.engine.pendingDeliveries()).toBe(0);
  });
});

describe('a bus as the target of a rule', () => {
  const busArn = (name: string) => `arn:aws:events:eu-central-1:111122223333:event-bus/${name}`;

  it('receives the same event', async () => {
    await rig.client.send(new CreateEventBusCommand({ Name: 'second' }));
    await addRule('forward', { Arn: busArn('second') });
    await addRule('take', {}, '{"source":["orders"]}', 'second');

    await put();

    expect(JSON.parse(rig.delivered[0]?.input ?? '')).toMatchObject({ id: '00000000-0000-4000-8000-000000000001' });
  });

  it('does not pass it on to a third bus, or back to the first', async () => {
    await rig.client.send(new CreateEventBusCommand({ Name: 'second' }));
    await addRule('forward', { Arn: busArn('second') });
    await addRule(
      'back',
      { Arn: busArn(SHOP), DeadLetterConfig: { Arn: queueArn('dlq') } },
      '{"source":["orders"]}',
      'second',
    );

    await put();

    expect(rig.deadLetters[0]?.attributes['ERROR_CODE']).toBe('THIRD_ACCOUNT_HOP_DETECTED');
  });
});
