import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../local/clock.ts';
import { createSettling, describeUnsettled } from '../../local/settling.ts';
import type { DeployedMapping, Deployment } from '../../local/template/deployment.ts';

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:billing.fifo';
const STREAM_ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/outbox/stream/2026';

const mapping = (physicalId: string, functionName: string, eventSourceArn: string): DeployedMapping => ({
  kind: 'mapping',
  stackName: 'Shop',
  logicalId: physicalId,
  type: 'AWS::Lambda::EventSourceMapping',
  physicalId,
  arn: undefined,
  constructPath: `Shop/${physicalId}`,
  functionName,
  eventSourceArn,
  onFailureArn: undefined,
  enabled: true,
});

const DEPLOYMENT: Deployment = {
  accountId: '000000000000',
  region: 'us-east-1',
  outputs: new Map(),
  resources: [],
  tables: [],
  queues: [],
  buses: [],
  rules: [],
  functions: [],
  mappings: [mapping('m1', 'billing', QUEUE_ARN), mapping('m2', 'relay', STREAM_ARN)],
  roles: [],
  resourcePolicies: [],
  apis: [],
  schedules: [],
  alarms: [],
  dashboards: [],
};

const depth = (queueName: string, visible: number, inFlight: number, delayed = 0) => ({
  queueArn: `arn:aws:sqs:us-east-1:000000000000:${queueName}`,
  queueName,
  visible,
  inFlight,
  delayed,
});

interface Parts {
  readonly depths?: readonly ReturnType<typeof depth>[];
  readonly deliveries?: number;
  readonly moves?: number;
  readonly scheduled?: number;
  readonly invocations?: number;
  readonly busyMappings?: readonly string[];
}

const unsettledBy = ({
  depths = [],
  deliveries = 0,
  moves = 0,
  scheduled = 0,
  invocations = 0,
  busyMappings = [],
}: Parts) =>
  describeUnsettled({
    deployment: DEPLOYMENT,
    sqs: { depths: () => depths, activeMoves: () => moves },
    scheduler: { pendingInvocations: () => scheduled },
    eventBridge: { pendingDeliveries: () => deliveries },
    lambda: { activity: () => ({ invocations, busyMappings }) },
  });

describe('describeUnsettled', () => {
  it('is empty when nothing is in progress', () => {
    expect(unsettledBy({ depths: [depth('billing.fifo', 0, 0)] })).toEqual([]);
  });

  it('ignores messages in a queue that no function reads', () => {
    expect(unsettledBy({ depths: [depth('billing-dead.fifo', 3, 0)] })).toEqual([]);
  });

  it('lists what is in progress, part by part', () => {
    expect(
      unsettledBy({
        depths: [depth('billing.fifo', 2, 1, 4)],
        deliveries: 1,
        moves: 1,
        scheduled: 1,
        invocations: 2,
        busyMappings: ['m2', 'unheard-of'],
      }),
    ).toEqual([
      'bus: 1 delivery pending',
      'scheduler: 1 invocation pending',
      'dead letters: 1 move task running',
      'queue billing.fifo: 2 visible, 1 in flight, 4 delayed',
      'relay: holds records of outbox',
      'mapping unheard-of: busy',
      'functions: 2 invocations under way',
    ]);
  });
});

describe('settled', () => {
  it('resolves when nothing is in progress', async () => {
    const { settled } = createSettling(createMovableClock(), () => []);

    await expect(settled()).resolves.toBeUndefined();
  });

  it('waits for work in progress, and checks again when notified that some of it ended', async () => {
    const moving = ['queue'];
    let looks = 0;
    const clock = createMovableClock(() => 0);
    const { settled, touch } = createSettling(clock, () => {
      looks++;
      return moving;
    });
    const done = settled();

    moving.pop();
    touch();
    await Promise.resolve();
    clock.advance(0);

    await expect(done).resolves.toBeUndefined();
    expect(looks).toBe(3);
  });

  it('notices work that ended without a notification', async () => {
    const moving = ['stream'];
    const clock = createMovableClock(() => 0);
    const { settled } = createSettling(clock, () => moving);
    const done = settled();

    moving.pop();
    clock.advance(100);
    await Promise.resolve();
    clock.advance(0);

    await expect(done).resolves.toBeUndefined();
  });

  it('continues to wait when something starts at the same instant', async () => {
    const moving: string[] = [];
    const clock = createMovableClock(() => 0);
    const { settled } = createSettling(clock, () => moving);
    clock.schedule(0, () => void moving.push('redrive'));
    let isSettled = false;
    const done = settled().then(() => {
      isSettled = true;
    });

    clock.advance(0);
    await Promise.resolve();
    await Promise.resolve();

    expect(isSettled).toBe(false);
    moving.pop();
    clock.advance(100);
    await Promise.resolve();
    clock.advance(0);
    await done;
  });

  it('rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    const { settled } = createSettling(createMovableClock(), () => ['queue']);
    const done = settled(controller.signal);

    controller.abort(new Error('enough'));

    await expect(done).rejects.toThrow('enough');
  });
});
