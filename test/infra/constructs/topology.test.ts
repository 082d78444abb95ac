import { App, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { EventField, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { defineEvent, defineSubscription } from '../../../lib/definitions/index.ts';
import {
  billing,
  createConsumer,
  createHub,
  createStack,
  ENTRY,
  OrderCancelled,
  OrderPlaced,
  PaymentCaptured,
  settingsWith,
} from '../test-stack.ts';

/** What `cdk synth` ends with; undefined when it succeeds. */
function synthError(stack: Stack): string | undefined {
  const { root } = stack.node;
  if (!App.isApp(root)) throw new TypeError('a test stack stands in an app');
  try {
    root.synth();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const failed = (...problems: readonly string[]): string =>
  `Validation failed with the following errors:\n${problems.map((each) => `  ${each}`).join('\n')}`;

const queueOf = ({ queue }: EventConsumer): CfnQueue => cfnQueue(queue);

function cfnQueue({ node }: Queue): CfnQueue {
  if (!(node.defaultChild instanceof CfnQueue)) throw new TypeError(`'${node.path}' has no CfnQueue`);
  return node.defaultChild;
}

describe('synth', () => {
  it('passes if every event that is subscribed to is published', () => {
    const stack = createStack();
    createConsumer(createHub(stack));

    expect(synthError(stack)).toBeUndefined();
  });

  it('rejects all subscriptions to unpublished events in one error, with suggestions', () => {
    const stack = createStack();
    const hub = createHub(stack);
    const elsewhere = defineEvent({ ...OrderPlaced, source: '/order' });
    hub.registerProducer(stack, [elsewhere, PaymentCaptured]);
    new EventConsumer(stack, 'Billing', { hub, subscription: billing, entry: ENTRY });

    expect(synthError(stack)).toBe(
      failed(
        "[Test/Billing] subscription 'billing' contains 'com.example.order.placed' from '/orders', which no producer on the hub publishes; declared are 'com.example.order.placed' from '/order': declare it where it is published, in an EventConsumer's 'publishes' or in hub.grantPublish(function, [...]), or remove it from the subscription",
        "[Test/Billing] subscription 'billing' contains 'com.example.order.cancelled' from '/orders', which no producer on the hub publishes; declared are 'com.example.order.placed' from '/order', 'com.example.payment.captured' from '/payments': declare it where it is published, in an EventConsumer's 'publishes' or in hub.grantPublish(function, [...]), or remove it from the subscription",
      ),
    );
  });

  it('shows the most similar events if many are published', () => {
    const stack = createStack();
    const hub = createHub(stack);
    const named = (type: string) => defineEvent({ ...OrderPlaced, type, source: '/orders' });
    hub.registerProducer(
      stack,
      ['com.example.stock.low', 'com.example.order.canceled', 'com.example.order.changed', 'com.example.mail.sent'].map(
        named,
      ),
    );
    const subscription = defineSubscription({ name: 'billing', events: [OrderCancelled] });
    new EventConsumer(stack, 'Billing', { hub, subscription, entry: ENTRY });

    expect(synthError(stack)).toContain(
      "nearest of the 4 declared are 'com.example.order.canceled' from '/orders', 'com.example.order.changed' from '/orders', 'com.example.stock.low' from '/orders': declare it",
    );
  });

  it('counts the events that a consumer declares as published, wherever the app creates the consumer', () => {
    const stack = createStack();
    const hub = createHub(stack);
    new EventConsumer(stack, 'Billing', { hub, subscription: billing, entry: ENTRY });
    const other = defineSubscription({ name: 'orders', events: [PaymentCaptured] });
    new EventConsumer(stack, 'Orders', {
      hub,
      subscription: other,
      entry: ENTRY,
      publishes: [OrderPlaced, OrderCancelled, PaymentCaptured],
    });

    expect(synthError(stack)).toBeUndefined();
  });

  it('warns about events without a subscriber, at the construct that publishes them', () => {
    const stack = createStack();
    const hub = createHub(stack);
    const publisher = new WaybillFunction(stack, 'Publisher', {
      entry: ENTRY,
      serviceName: 'publisher',
      settings: hub.settings,
    });
    hub.grantPublish(publisher, [OrderPlaced, PaymentCaptured]);
    const subscription = defineSubscription({ name: 'billing', events: [PaymentCaptured] });
    new EventConsumer(stack, 'Billing', { hub, subscription, entry: ENTRY });

    const warnings = Annotations.fromStack(stack).findWarning('*', Match.anyValue());

    expect(warnings.map(({ id, entry }) => `${id} ${entry.data}`)).toEqual([
      "/Test/Publisher 'com.example.order.placed' from '/orders' is published here but no consumer on the hub subscribes to it: it is stored, published and dropped; subscribe to it, or do not publish it [ack: waybill:event-without-subscriber]",
    ]);
  });

  it('rejects a function of a strict subscription without a grant to read the log', () => {
    const stack = createStack();
    const hub = createHub(stack);
    const consumer = new WaybillFunction(stack, 'HandMade', {
      entry: ENTRY,
      serviceName: 'billing',
      settings: hub.settings,
    });
    hub.grantInbox(consumer, billing);

    expect(synthError(stack)).toBe(
      failed(
        "[Test/HandMade] the function of subscription 'billing' must read the log because ordering is 'strict', got no grant: call hub.grantOrder(function, subscription), use an EventConsumer, or choose ordering 'fifo'",
      ),
    );
  });

  it('accepts a strict function with a grant to read the log, and a function that is not strict without it', () => {
    const stack = createStack();
    const hub = createHub(stack);
    const functionOf = (serviceName: string) =>
      new WaybillFunction(stack, serviceName, { entry: ENTRY, serviceName, settings: hub.settings });
    const strict = functionOf('strict');
    hub.grantOrder(strict, billing);
    hub.grantInbox(strict, billing);
    hub.grantInbox(
      functionOf('fifo'),
      defineSubscription({ ...billing, name: 'fifo', ordering: 'fifo', startFrom: undefined }),
    );

    expect(synthError(stack)).toBeUndefined();
  });
});

describe('synth, if the queues of a consumer are changed outside the construct,', () => {
  it('rejects a visibility timeout under six timeouts of the function', () => {
    const stack = createStack();
    const consumer = createConsumer(createHub(stack), { timeout: Duration.seconds(20) });

    queueOf(consumer).addPropertyOverride('VisibilityTimeout', 60);

    expect(synthError(stack)).toBe(
      failed(
        "[Test/Billing] VisibilityTimeout of 'Test/Billing/Queue' must be at least 120 seconds, six timeouts of the function (20 seconds), got 60: raise it or shorten the timeout, otherwise SQS delivers messages again while they are being handled",
      ),
    );
  });

  it('rejects a function timeout that is too long for its queue', () => {
    const stack = createStack();
    const consumer = createConsumer(createHub(stack));
    const { defaultChild } = consumer.function.node;

    if (defaultChild instanceof CfnFunction) defaultChild.timeout = 31;

    expect(synthError(stack)).toContain(
      'must be at least 186 seconds, six timeouts of the function (31 seconds), got 180',
    );
  });

  it('rejects a dead-letter queue with a retention that is not longer than that of the queue', () => {
    const stack = createStack();
    const consumer = createConsumer(createHub(stack));

    cfnQueue(consumer.deadLetterQueue).addPropertyDeletionOverride('MessageRetentionPeriod');

    expect(synthError(stack)).toBe(
      failed(
        "[Test/Billing] MessageRetentionPeriod of 'Test/Billing/DeadLetterQueue' must exceed the 345600 seconds of the queue, got 345600: raise it or shorten the queue's, otherwise dead letters expire before they can be inspected",
      ),
    );
  });

  it('rejects queues with a retention beyond that of the outbox and of the inbox, in one error', () => {
    const stack = createStack();
    const hub = createHub(stack, { settings: settingsWith({ outboxRetentionDays: 19, inboxExpiryDays: 20 }) });
    const consumer = createConsumer(hub);

    queueOf(consumer).messageRetentionPeriod = 600_000;

    expect(synthError(stack)).toBe(
      failed(
        "[Test/Billing] outboxRetentionDays must be at least 21 days, since a message may spend 600000 seconds in the queue and 1209600 as a dead letter, got 19: raise the setting or shorten the queues' MessageRetentionPeriod, else an event could expire in the log before its redrive",
        "[Test/Billing] inboxExpiryDays must be at least 21 days, since a message may spend 600000 seconds in the queue and 1209600 as a dead letter, got 20: raise the setting or shorten the queues' MessageRetentionPeriod, else a redriven event could be handled twice",
      ),
    );
  });

  it('ignores values that are known only at deployment', () => {
    const stack = createStack();
    const consumer = createConsumer(createHub(stack));

    queueOf(consumer).visibilityTimeout = Token.asNumber(Fn.importValue('Visibility'));
    queueOf(consumer).addPropertyOverride('MessageRetentionPeriod', { 'Fn::ImportValue': 'Retention' });

    expect(synthError(stack)).toBeUndefined();
  });
});

describe('synth, for the rules of the bus,', () => {
  const createRule = (stack: Stack, target: (fifo: Queue) => SqsQueue) => {
    const hub = createHub(stack);
    const fifo = new Queue(stack, 'Mine', { fifo: true });
    return new Rule(stack, 'MyRule', {
      eventBus: hub.bus,
      eventPattern: { source: ['/orders'] },
      targets: [target(fifo)],
    });
  };

  it('rejects one message group for all events', () => {
    const stack = createStack();
    createRule(stack, (fifo) => new SqsQueue(fifo, { messageGroupId: 'all' }));

    expect(synthError(stack)).toBe(
      failed(
        "[Test/Hub] rule 'Test/MyRule' must take the MessageGroupId for FIFO queue 'Test/Mine' from the event, such as '$.detail.partitionkey', got the constant 'all', which puts all events into one group, so that they are handled one after another: set messageGroupId to EventField.fromPath(PARTITION_KEY_PATH)",
      ),
    );
  });

  it('rejects a FIFO queue without a message group', () => {
    const stack = createStack();
    createRule(stack, (fifo) => new SqsQueue(fifo));

    expect(synthError(stack)).toContain('got none, which FIFO queues do not accept');
  });

  it('rejects a FIFO queue for the undeliverable events of the rule of a consumer', () => {
    const stack = createStack();
    const consumer = createConsumer(createHub(stack));

    const { defaultChild } = consumer.undeliverableQueue.node;
    if (defaultChild instanceof CfnQueue) defaultChild.addPropertyOverride('FifoQueue', true);

    expect(synthError(stack)).toBe(
      failed(
        "[Test/Hub] rule 'Test/Billing/Rule' must send undeliverable events to a standard queue, got FIFO queue 'Test/Billing/UndeliverableQueue', which EventBridge does not support: set deadLetterQueue to a queue without fifo",
      ),
    );
  });

  it('finds a FIFO queue of another stack, and one of another app by its name', () => {
    const stack = createStack();
    const other = new Stack(stack.node.scope, 'Other');
    const hub = createHub(stack);
    const { queueArn } = new Queue(other, 'Shared', { fifo: true });
    new Rule(stack, 'Near', {
      eventBus: hub.bus,
      eventPattern: { source: ['/orders'] },
      targets: [{ bind: () => ({ arn: queueArn, sqsParameters: { messageGroupId: 'all' } }) }],
    });
    const far = Queue.fromQueueArn(stack, 'Far', 'arn:aws:sqs:eu-west-1:111122223333:far.fifo');
    new Rule(stack, 'Away', {
      eventBus: hub.bus,
      eventPattern: { source: ['/orders'] },
      targets: [new SqsQueue(far, { messageGroupId: 'all' })],
    });

    const message = synthError(stack);

    expect(message).toContain(
      "rule 'Test/Near' must take the MessageGroupId for FIFO queue 'Other/Shared' from the event",
    );
    expect(message).toContain(
      "rule 'Test/Away' must take the MessageGroupId for FIFO queue 'arn:aws:sqs:eu-west-1:111122223333:far.fifo' from the event",
    );
  });

  it('accepts standard queues, groups from the event, and rules of other buses', () => {
    const stack = createStack();
    createRule(stack, (fifo) => new SqsQueue(fifo, { messageGroupId: EventField.fromPath('$.detail.customer') }));
    new Rule(stack, 'Elsewhere', {
      eventPattern: { source: ['aws.s3'] },
      targets: [new SqsQueue(new Queue(stack, 'Theirs', { fifo: true }), { messageGroupId: 'all' })],
    });

    expect(synthError(stack)).toBeUndefined();
  });
});
