import {
  CreateEventBusCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { type EventBridgeRig, eventsArn, nameOf, openEventBridgeRig, queueArn, SHOP } from './eventbridge-rig.ts';

let rig: EventBridgeRig;

beforeEach(async () => {
  rig = await openEventBridgeRig();
  await rig.client.send(new CreateEventBusCommand({ Name: SHOP }));
  await rig.client.send(
    new PutRuleCommand({ Name: 'all', EventBusName: SHOP, EventPattern: '{"source":[{"prefix":""}]}' }),
  );
  await rig.client.send(
    new PutTargetsCommand({ Rule: 'all', EventBusName: SHOP, Targets: [{ Id: 'q', Arn: queueArn('orders') }] }),
  );
});

const entry = (more: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  EventBusName: SHOP,
  Source: 'orders',
  DetailType: 'order.placed',
  Detail: '{"orderId":"1042"}',
  ...more,
});

const put = async (...entries: PutEventsRequestEntry[]) => {
  const output = await rig.client.send(new PutEventsCommand({ Entries: entries }));
  await rig.settle();
  return output;
};

describe('PutEvents', () => {
  it('delivers the documented envelope', async () => {
    const output = await put(entry({ Resources: ['arn:aws:x'] }));

    expect(rig.delivered).toEqual([
      {
        targetArn: 'arn:aws:sqs:eu-central-1:111122223333:orders',
        ruleArn: eventsArn(`rule/${SHOP}/all`),
        input:
          '{"version":"0","id":"00000000-0000-4000-8000-000000000001","detail-type":"order.placed","source":"orders","account":"111122223333","time":"2026-11-20T06:00:00Z","region":"eu-central-1","resources":["arn:aws:x"],"detail":{"orderId":"1042"}}',
      },
    ]);
    expect(output.FailedEntryCount).toBe(0);
    expect(output.Entries).toEqual([{ EventId: '00000000-0000-4000-8000-000000000001' }]);
  });

  it('uses the time of the entry', async () => {
    await put(entry({ Time: new Date('2026-01-02T03:04:05.678Z') }));

    expect(rig.delivered[0]?.input).toContain('"time":"2026-01-02T03:04:05Z"');
  });

  it('finds the bus by its ARN too, and the default bus without a name', async () => {
    await rig.client.send(new PutRuleCommand({ Name: nameOf('all'), EventPattern: '{"source":["orders"]}' }));
    await rig.client.send(
      new PutTargetsCommand({ Rule: nameOf('all'), Targets: [{ Id: 'q', Arn: queueArn('other') }] }),
    );
    const { EventBusName: _, ...withoutBus } = entry();

    await put(entry({ EventBusName: eventsArn(`event-bus/${SHOP}`) }), withoutBus);

    expect(rig.delivered.map((request) => request.targetArn)).toEqual([queueArn('orders'), queueArn('other')]);
  });

  it('keeps the order of keys and the digits of large integers, and removes space between tokens', async () => {
    await put(entry({ Detail: '{ "b": "x  y\\" z",\n "10": 12345678901234567890, "2": [ 1.0 ] }' }));

    expect(rig.delivered[0]?.input).toContain('"detail":{"b":"x  y\\" z","10":12345678901234567890,"2":[1.0]}}');
  });

  it('delivers in the order of the entries', async () => {
    await put(...Array.from({ length: 10 }, (_, index) => entry({ Detail: `{"n":${index}}` })));

    expect(rig.delivered.map(({ input }) => JSON.parse(input).detail.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('answers success for a bus that does not exist, drops the event and warns', async () => {
    const output = await put(entry({ EventBusName: 'nowhere' }));

    expect(output.FailedEntryCount).toBe(0);
    expect(output.Entries?.[0]?.EventId).toMatch(/^[0-9a-f-]{36}$/);
    expect(rig.delivered).toEqual([]);
    expect(rig.warnings).toEqual(["an event for the bus 'nowhere', which does not exist, is dropped, as AWS does"]);
  });

  it('answers per entry, in the order of the entries, and goes on after a failing one', async () => {
    const output = await put(
      entry(),
      entry({ Source: undefined }),
      entry({ DetailType: '' }),
      entry({ Detail: undefined }),
      entry({ Detail: '{"a":' }),
      entry({ Detail: '["a"]' }),
      entry({ DetailType: 'x'.repeat(129) }),
      entry({ Source: 'aws.orders' }),
      entry({ DetailType: 'last' }),
    );

    expect(output.FailedEntryCount).toBe(7);
    expect(output.Entries).toEqual([
      { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: 'Parameter Source is not valid. Reason: Source is a required argument.',
      },
      {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: 'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
      },
      {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: 'Parameter Detail is not valid. Reason: Detail is a required argument.',
      },
      { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: 'Parameter DetailType is not valid. Reason: DetailType has more than 128 characters.',
      },
      { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' },
      { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
  });

  it('delivers the valid entries of a request, and nothing of a refused request', async () => {
    await put(entry({ DetailType: 'first' }), entry({ Detail: '["a"]' }), entry({ DetailType: 'last' }));
    await expect(put(...Array.from({ length: 11 }, () => entry()))).rejects.toMatchObject({
      name: 'ValidationException',
    });

    expect(rig.delivered.map(({ input }) => JSON.parse(input)['detail-type'])).toEqual(['first', 'last']);
  });

  it('refuses no entries and more than 10', async () => {
    await expect(put()).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put(...Array.from({ length: 11 }, () => entry()))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(
        "at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
      ),
    });
  });

  it('accepts a request of 1,048,576 bytes and refuses one byte more', async () => {
    // Source, DetailType and the braces of Detail around the padding count 6 + 12 + 8 bytes
    const detail = (padding: number) => `{"p":"${'x'.repeat(padding)}"}`;

    const output = await put(entry({ Detail: detail(1_048_576 - 26) }));

    expect(output.FailedEntryCount).toBe(0);
    await expect(put(entry({ Detail: detail(1_048_576 - 25) }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Total size of the entries in the request is over the limit.',
    });
  });

  it('counts 14 bytes for a time, the resources, and bytes rather than characters', async () => {
    const padded = (padding: number, more: PutEventsRequestEntry) =>
      put(entry({ Detail: `{"p":"ä${'x'.repeat(padding)}"}`, Resources: ['r'.repeat(100)], ...more }));
    const time = { Time: new Date('2026-01-02T03:04:05Z') };

    await expect(padded(1_048_576 - 26 - 2 - 100 - 14, time)).resolves.toMatchObject({ FailedEntryCount: 0 });
    await expect(padded(1_048_576 - 26 - 2 - 100 - 13, time)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('faults on demand', () => {
  it('throttle a whole call', async () => {
    rig.faults = { onPutEvents: () => new AwsError('ThrottlingException', 'Rate exceeded') };

    await expect(put(entry())).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(rig.delivered).toEqual([]);
  });

  it('fail single entries', async () => {
    const fault = { ErrorCode: 'InternalFailure', ErrorMessage: 'try again' };
    rig.faults = { onPutEventsEntry: ({ DetailType }) => (DetailType === 'second' ? fault : undefined) };

    const output = await put(entry(), entry({ DetailType: 'second' }), entry());

    expect(output.FailedEntryCount).toBe(1);
    expect(output.Entries?.[1]).toEqual({ ErrorCode: 'InternalFailure', ErrorMessage: 'try again' });
    expect(rig.delivered).toHaveLength(2);
  });

  it('duplicate, lose and delay deliveries, and so reorder them', async () => {
    rig.faults = {
      onDelivery: ({ event }) => {
        if (event['detail-type'] === 'twice') return { copies: 2 };
        if (event['detail-type'] === 'lost') return { copies: 0 };
        return event['detail-type'] === 'late' ? { delayMs: 5_000 } : undefined;
      },
    };
    const types = () => rig.delivered.map(({ input }) => JSON.parse(input)['detail-type']);

    await put(...['late', 'twice', 'lost', 'plain'].map((DetailType) => entry({ DetailType })));

    expect(types()).toEqual(['twice', 'twice', 'plain']);
    expect(rig.engine.pendingDeliveries()).toBe(1);
    rig.clock.advance(5_000);
    await rig.settle();
    expect(types()).toEqual(['twice', 'twice', 'plain', 'late']);
    expect(rig.engine.pendingDeliveries()).toBe(0);
  });
});
