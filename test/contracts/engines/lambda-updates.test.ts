import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { createFunctionFolder } from '../../local/lambda/function-folder.ts';
import { createGate } from '../../local/lambda/gate.ts';
import { depthOf, type LambdaRig, openLambdaRig, type Queue } from './lambda-rig.ts';

const consumer = (name: string, behave = '') => `
  export const handler = async ({ Records }) => {
    console.log(JSON.stringify(['${name}', ...Records.map((r) => r.body ?? r.dynamodb.Keys.sk.N)]));
    ${behave}
  };`;

const send = (rig: LambdaRig, queue: Queue, body: string) =>
  rig.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body, MessageGroupId: body }));

const put = async (rig: LambdaRig, ...sks: readonly number[]) => {
  for (const sk of sks) {
    await rig.dynamo.send(new PutItemCommand({ TableName: 'outbox', Item: { pk: { S: 'a' }, sk: { N: String(sk) } } }));
  }
};

const NOT_FOUND = expect.objectContaining({ code: 'ResourceNotFoundException' });

describe('a function that is deleted', () => {
  it('lets running invocations finish, and accepts no more', async () => {
    await using rig = await openLambdaRig();
    const gate = createGate();
    rig.add('billing', consumer('one', `${gate.pass} return 'done';`));
    const invoked = rig.host.invoke('billing', '{"Records":[]}');
    await rig.tells(1);

    rig.host.deleteFunction('billing');

    await expect(rig.host.invoke('billing', '{}')).rejects.toEqual(NOT_FOUND);
    expect(rig.host.activity().invocations).toBe(1);
    gate.open();
    expect(await invoked).toMatchObject({ payload: '"done"' });
    expect(rig.host.activity().invocations).toBe(0);
  });

  it('can be created again with its name', async () => {
    await using rig = await openLambdaRig();
    rig.add('billing', consumer('one'));
    rig.host.deleteFunction('billing');
    rig.add('billing', consumer('two'));

    await rig.host.invoke('billing', '{"Records":[]}');

    expect(rig.told).toEqual([['two']]);
  });
});

describe('a function that gets other settings', () => {
  it('runs as many invocations at a time as the new settings allow', async () => {
    await using rig = await openLambdaRig();
    const gate = createGate();
    const source = consumer('one', gate.pass);
    rig.add('billing', source, { reservedConcurrency: 1 });
    const first = rig.host.invoke('billing', '{"Records":[]}');
    await rig.tells(1);
    await expect(rig.host.invoke('billing', '{"Records":[]}')).rejects.toMatchObject({
      code: 'TooManyRequestsException',
    });

    const folder = createFunctionFolder();
    rig.host.updateFunction({
      functionName: 'billing',
      codeFolder: folder.write({ 'index.mjs': source }),
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutSeconds: 10,
      memoryMb: 128,
      environment: {},
      roleArn: 'arn:aws:iam::123456789012:role/billing',
      reservedConcurrency: 2,
    });

    const second = rig.host.invoke('billing', '{"Records":[]}');
    expect(await rig.tells(2)).toHaveLength(2);
    gate.open();
    await Promise.all([first, second]);
    folder.remove();
  });
});

describe('a version that is deleted', () => {
  it('stays while an alias points to it, and otherwise cannot be invoked any more', async () => {
    await using rig = await openLambdaRig();
    rig.add('billing', consumer('one'));
    rig.host.publishVersion('billing');
    rig.host.createAlias('billing', { name: 'live', version: '1', weights: {} });

    expect(() => rig.host.deleteVersion('billing', '1')).toThrow(
      "Version 1 can't be deleted since alias 'live' leads to it",
    );
    expect(rig.host.publishVersion('billing')).toBe('2');
    rig.host.updateAlias('billing', { name: 'live', version: '2', weights: {} });
    rig.host.deleteVersion('billing', '1');
    await expect(rig.host.invoke('billing:1', '{}')).rejects.toEqual(NOT_FOUND);
    rig.host.deleteAlias('billing', 'live');
    await expect(rig.host.invoke('billing:live', '{}')).rejects.toEqual(NOT_FOUND);
    expect(rig.host.publishVersion('billing')).toBe('3');
  });
});

describe('a mapping that is deleted', () => {
  it('waits for the running batch, and returns messages that it receives meanwhile to the queue', async () => {
    await using rig = await openLambdaRig();
    const gate = createGate();
    rig.add('billing', consumer('one', gate.pass));
    const queue = await rig.queue('orders.fifo');
    const { uuid } = await rig.map(queue.arn, 'billing', { batchSize: 1 });
    await send(rig, queue, 'a');
    await rig.tells(1);

    let isDeleted = false;
    const deleted = rig.host.deleteEventSourceMapping(uuid).then(() => {
      isDeleted = true;
    });
    await send(rig, queue, 'b');
    expect(isDeleted).toBe(false);
    gate.open();
    await deleted;
    while ((await depthOf(rig, queue)).inFlight > 0) await new Promise(setImmediate);

    expect(rig.told).toEqual([['one', 'a']]);
    expect(await depthOf(rig, queue)).toEqual({ visible: 1, inFlight: 0 });
  });
});

describe('a mapping that gets other settings', () => {
  it('moves a queue to another function, and loses no message', async () => {
    await using rig = await openLambdaRig();
    rig.add('billing', consumer('one'));
    rig.add('shipping', consumer('two'));
    const queue = await rig.queue('orders.fifo');
    const { uuid } = await rig.map(queue.arn, 'billing');
    await send(rig, queue, 'a');
    await rig.tells(1);
    await rig.settled();

    await rig.host.updateEventSourceMapping(uuid, { functionName: 'shipping', eventSourceArn: queue.arn });
    await send(rig, queue, 'b');

    expect(await rig.tells(2)).toEqual([
      ['one', 'a'],
      ['two', 'b'],
    ]);
    await rig.settled();
    expect(await depthOf(rig, queue)).toEqual({ visible: 0, inFlight: 0 });
  });

  it.each(['TRIM_HORIZON', 'LATEST'] as const)(
    'continues at its position in a stream, from %s on',
    async (startingPosition) => {
      await using rig = await openLambdaRig();
      const gate = createGate();
      const stream = await rig.table('outbox');
      rig.add('relay', consumer('one', gate.pass));
      const mapping = { functionName: 'relay', eventSourceArn: stream, startingPosition };
      const { uuid } = await rig.map(stream, 'relay', { startingPosition, batchSize: 2 });
      await put(rig, 1, 2, 3, 4, 5);
      await rig.tells(1);

      const updated = rig.host.updateEventSourceMapping(uuid, { ...mapping, batchSize: 3 });
      await put(rig, 6);
      gate.open();
      await updated;
      await rig.settled();
      await put(rig, 7);
      await rig.settled();

      const told = rig.told.flatMap((batch) => (Array.isArray(batch) ? batch.slice(1) : []));
      expect(told).toEqual(['1', '2', '3', '4', '5', '6', '7']);
      expect(rig.troubles).toEqual([]);
    },
  );

  it('continues unchanged when the other settings are refused', async () => {
    await using rig = await openLambdaRig();
    rig.add('billing', consumer('one'));
    const queue = await rig.queue('orders.fifo');
    const { uuid } = await rig.map(queue.arn, 'billing');

    await expect(
      rig.host.updateEventSourceMapping(uuid, { functionName: 'nobody', eventSourceArn: queue.arn }),
    ).rejects.toEqual(NOT_FOUND);
    await send(rig, queue, 'a');

    expect(await rig.tells(1)).toEqual([['one', 'a']]);
  });
});
