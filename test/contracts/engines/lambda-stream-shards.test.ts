import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { StreamBatchInfo } from '../../../local/lambda/mappings/stream-faults.ts';
import { type LambdaRig, openLambdaRig } from './lambda-rig.ts';

/** Tells `pk sk` of its records, after as many turns as the partition key says. */
const READER = `
  export const handler = async ({ Records }) => {
    const told = Records.map(({ dynamodb: { Keys } }) => Keys.pk.S + ' ' + Keys.sk.N);
    console.log(JSON.stringify(told));
  };`;

const put = async (rig: LambdaRig, pk: string, sks: readonly number[]) => {
  for (const sk of sks) {
    await rig.dynamo.send(new PutItemCommand({ TableName: 'outbox', Item: { pk: { S: pk }, sk: { N: String(sk) } } }));
  }
};

const FROM_START = { startingPosition: 'TRIM_HORIZON' } as const;

describe('a mapping on a stream with several shards', () => {
  it('passes every record once, and those of a partition key in order through all splits', async () => {
    let records = 0;
    const onStreamRecord = () => (++records % 7 === 0 ? 'split' : undefined);
    await using rig = await openLambdaRig({ dynamoDb: { onStreamRecord } });
    const stream = await rig.table('outbox');
    rig.add('reader', READER);
    await put(rig, 'early', [1, 2, 3, 4, 5, 6, 7, 8]);

    await rig.map(stream, 'reader', { ...FROM_START, batchSize: 2 });
    for (const sk of [1, 2, 3, 4, 5]) for (const pk of ['a', 'b', 'c', 'd', 'e']) await put(rig, pk, [sk]);
    await rig.settled();
    const told = rig.told.flat();

    expect(told).toHaveLength(33);
    expect(told.filter((item) => String(item).startsWith('early'))).toEqual(
      ['1', '2', '3', '4', '5', '6', '7', '8'].map((sk) => `early ${sk}`),
    );
    for (const pk of ['a', 'b', 'c', 'd', 'e']) {
      expect(told.filter((item) => String(item).startsWith(`${pk} `))).toEqual([
        `${pk} 1`,
        `${pk} 2`,
        `${pk} 3`,
        `${pk} 4`,
        `${pk} 5`,
      ]);
    }
  });
});

describe('a mapping that lost a checkpoint', () => {
  it('passes whole batches again, with all later ones', async () => {
    const batches: StreamBatchInfo[] = [];
    const onStreamBatch = (batch: StreamBatchInfo) => (batches.push(batch) === 3 ? 2 : undefined);
    await using rig = await openLambdaRig({ lambda: { onInvocation: () => undefined, onStreamBatch } });
    const stream = await rig.table('outbox');
    rig.add('reader', READER);
    await put(rig, 'a', [1, 2, 3, 4, 5, 6, 7]);

    await rig.map(stream, 'reader', { ...FROM_START, batchSize: 2 });
    await rig.tells(6);
    await rig.settled();

    expect(rig.told).toEqual([['a 1', 'a 2'], ['a 3', 'a 4'], ['a 5', 'a 6'], ['a 3', 'a 4'], ['a 5', 'a 6'], ['a 7']]);
    expect(batches.map(({ repeatable }) => repeatable)).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('repeats only what came after the lost checkpoint when several batches of a shard run at once', async () => {
    let batches = 0;
    const onStreamBatch = () => (++batches === 4 ? 1 : undefined);
    await using rig = await openLambdaRig({ lambda: { onInvocation: () => undefined, onStreamBatch } });
    const stream = await rig.table('outbox');
    rig.add('reader', READER);
    const sks = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    await put(rig, 'a', sks);

    await rig.map(stream, 'reader', { ...FROM_START, batchSize: 1, parallelizationFactor: 4 });
    await rig.tells(13);
    await rig.settled();

    expect([...new Set(rig.told.flat())].toSorted()).toEqual(sks.map((sk) => `a ${sk}`).toSorted());
  });

  it('reads the children of a closed shard only after its repeated records are processed', async () => {
    let records = 0;
    let batches = 0;
    await using rig = await openLambdaRig({
      dynamoDb: { onStreamRecord: () => (++records === 2 ? 'split' : undefined) },
      lambda: { onInvocation: () => undefined, onStreamBatch: () => (++batches === 1 ? 1 : undefined) },
    });
    const stream = await rig.table('outbox');
    rig.add('reader', READER);
    await put(rig, 'a', [1, 2, 3]);

    await rig.map(stream, 'reader', FROM_START);
    await rig.tells(3);
    await rig.settled();

    expect(rig.told).toEqual([['a 1', 'a 2'], ['a 1', 'a 2'], ['a 3']]);
  });
});
