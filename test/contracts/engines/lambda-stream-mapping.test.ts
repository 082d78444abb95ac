import { type AttributeValue, DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { until } from '../../fixtures/until.ts';
import { createGate } from '../../local/lambda/gate.ts';
import { type LambdaRig, openLambdaRig } from './lambda-rig.ts';

/** Tells the sort keys of its batch, then does as `behave` says; `of(record)` is a record's sort key. */
const reader = (behave = '') => `
  const of = (record) => Number(record.dynamodb.Keys.sk.N);
  let calls = 0;
  export const handler = async ({ Records }) => {
    calls++;
    console.log(JSON.stringify(Records.map(of)));
    ${behave}
  };`;

/** Reports the first record with this sort key, and all after it. */
const failFrom = (sk: number) => `
  const at = Records.findIndex((r) => of(r) === ${sk});
  return { batchItemFailures: Records.slice(at < 0 ? Records.length : at)
    .map((r) => ({ itemIdentifier: r.dynamodb.SequenceNumber })) };`;

const put = async (rig: LambdaRig, pk: string, sks: readonly number[], more: Record<string, AttributeValue> = {}) => {
  for (const sk of sks) {
    const Item = { pk: { S: pk }, sk: { N: String(sk) }, ...more };
    await rig.dynamo.send(new PutItemCommand({ TableName: 'outbox', Item }));
  }
};

const FROM_START = { startingPosition: 'TRIM_HORIZON' } as const;
const PARTIAL = { ...FROM_START, reportBatchItemFailures: true } as const;

describe('an event source mapping on a stream', () => {
  it('passes records as Lambda does', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('teller', 'export const handler = async (event) => console.log(JSON.stringify(event));');
    await put(rig, 'g1', [1], { body: { S: 'hello' } });

    await rig.map(stream, 'teller', FROM_START);
    const [event] = await rig.tells(1);

    expect(event).toEqual({
      Records: [
        {
          eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventName: 'INSERT',
          eventVersion: '1.1',
          eventSource: 'aws:dynamodb',
          awsRegion: 'eu-west-1',
          dynamodb: {
            ApproximateCreationDateTime: expect.any(Number),
            Keys: { pk: { S: 'g1' }, sk: { N: '1' } },
            NewImage: { pk: { S: 'g1' }, sk: { N: '1' }, body: { S: 'hello' } },
            SequenceNumber: expect.stringMatching(/^\d+$/),
            SizeBytes: expect.any(Number),
            StreamViewType: 'NEW_IMAGE',
          },
          eventSourceARN: stream,
        },
      ],
    });
  });

  it('starts at the trim horizon or at the newest record, and reads on from there', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add(
      'all',
      reader().replace('JSON.stringify(Records', 'JSON.stringify({ all: Records').replace('(of))', '(of) })'),
    );
    rig.add(
      'new',
      reader().replace('JSON.stringify(Records', 'JSON.stringify({ new: Records').replace('(of))', '(of) })'),
    );
    await put(rig, 'g1', [1, 2]);

    await rig.map(stream, 'all', FROM_START);
    await rig.map(stream, 'new', { startingPosition: 'LATEST' });
    await rig.tells(1);
    await put(rig, 'g1', [3]);
    const told = await rig.tells(3);

    expect(told[0]).toEqual({ all: [1, 2] });
    expect(told.slice(1)).toEqual(expect.arrayContaining([{ all: [3] }, { new: [3] }]));
  });

  it('passes only the records that its filters match', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('reader', reader());
    await put(rig, 'g1', [1, 2], { kind: { S: 'EVENT' } });
    await put(rig, 'g1', [0], { kind: { S: 'HEAD' } });
    await rig.dynamo.send(new DeleteItemCommand({ TableName: 'outbox', Key: { pk: { S: 'g1' }, sk: { N: '1' } } }));

    await rig.map(stream, 'reader', {
      ...FROM_START,
      filterPatterns: ['{"eventName":["INSERT"],"dynamodb":{"NewImage":{"kind":{"S":["EVENT"]}}}}'],
    });
    await rig.tells(1);
    await rig.settled();

    expect(rig.told).toEqual([[1, 2]]);
  });

  it('cuts batches by their size', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('reader', reader());
    await put(rig, 'g1', [1, 2, 3, 4, 5]);

    await rig.map(stream, 'reader', { ...FROM_START, batchSize: 2 });
    const told = await rig.tells(3);

    expect(told).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('gathers a batch until its window ends or it is full', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('reader', reader());

    await rig.map(stream, 'reader', { ...FROM_START, batchSize: 3, maximumBatchingWindowSeconds: 60 });
    await put(rig, 'g1', [1, 2]);
    rig.clock.advance(60_000);
    await rig.tells(1);
    await put(rig, 'g1', [3, 4, 5]);
    const told = await rig.tells(2);

    expect(told).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('continues from the lowest record that failed', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('reader', reader(`if (calls > 2) return; ${failFrom(3)}`));
    await put(rig, 'g1', [1, 2, 3, 4]);

    await rig.map(stream, 'reader', PARTIAL);
    await rig.tells(2);
    // what failed as a whole waits before it is tried again
    await until(() => rig.host.activity().invocations === 0);
    rig.clock.advance(60_000);
    const told = await rig.tells(3);
    await rig.settled();

    expect(told).toEqual([
      [1, 2, 3, 4],
      [3, 4],
      [3, 4],
    ]);
  });

  it.each([
    ['throws', 'throw new Error("no")'],
    ['names no record of its batch', 'return { batchItemFailures: [{ itemIdentifier: "7" }] }'],
    ['names nothing', 'return { batchItemFailures: [{ itemIdentifier: "" }] }'],
  ])('retries the whole batch when the function %s', async (_what, trouble) => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('reader', reader(`if (calls < 3) { ${trouble} }`));
    await put(rig, 'g1', [1, 2]);

    await rig.map(stream, 'reader', PARTIAL);
    await rig.tells(1);
    await rig.troubled(1);
    rig.clock.advance(60_000);
    await rig.troubled(2);
    rig.clock.advance(60_000);
    const told = await rig.tells(3);

    expect(told).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it('bisects a failed batch until the failing record is alone, and gives up only that record', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    const failures = await rig.queue('failures');
    rig.add('reader', reader('if (Records.some((r) => of(r) === 3)) throw new Error("poison");'));
    await put(rig, 'g1', [1, 2, 3, 4]);

    await rig.map(stream, 'reader', {
      ...FROM_START,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 0,
      onFailureDestinationArn: failures.arn,
    });
    const told = await rig.tells(5);
    await rig.settled();
    const { Messages } = await rig.sqs.send(new ReceiveMessageCommand({ QueueUrl: failures.url }));

    expect(told).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]);
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toEqual({
      requestContext: {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:reader',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      DDBStreamBatchInfo: {
        shardId: expect.stringMatching(/^shardId-/),
        startSequenceNumber: expect.stringMatching(/^\d+$/),
        endSequenceNumber: expect.stringMatching(/^\d+$/),
        approximateArrivalOfFirstRecord: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        approximateArrivalOfLastRecord: expect.stringMatching(/Z$/),
        batchSize: 1,
        streamArn: stream,
      },
    });
  });

  it('writes a whole batch to a bucket when its retries are used up, and continues', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('reader', reader('if (of(Records[0]) === 1) throw new Error("poison");'));
    await put(rig, 'g1', [1, 2]);

    const { uuid } = await rig.map(stream, 'reader', {
      ...FROM_START,
      maximumRetryAttempts: 1,
      onFailureDestinationArn: 'arn:aws:s3:::failures',
    });
    await rig.troubled(1);
    rig.clock.advance(60_000);
    await rig.settled();
    await put(rig, 'g1', [3]);
    const told = await rig.tells(3);

    expect(told).toEqual([[1, 2], [1, 2], [3]]);
    expect(rig.objects.map(({ path }) => path)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^failures/aws/lambda/${uuid}/shardId-[^/]+/\\d{4}/\\d\\d/\\d\\d/\\d{4}-\\d\\d-\\d\\dT\\d\\d\\.\\d\\d\\.\\d\\d-[0-9a-f-]{36}$`,
        ),
      ),
    ]);
    const object = JSON.parse(rig.objects[0]?.body ?? '');
    expect(object).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
    });
    expect(JSON.parse(object.payload).Records).toHaveLength(2);
  });

  it('gives up records that became too old while they failed', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    const failures = await rig.queue('failures');
    rig.add('reader', reader('if (of(Records[0]) < 3) throw new Error("poison");'));
    await put(rig, 'g1', [1, 2]);

    await rig.map(stream, 'reader', {
      ...FROM_START,
      maximumRecordAgeSeconds: 60,
      onFailureDestinationArn: failures.arn,
    });
    await rig.troubled(1);
    rig.clock.advance(62_000);
    await rig.settled();
    const { Messages } = await rig.sqs.send(new ReceiveMessageCommand({ QueueUrl: failures.url }));

    expect(rig.told).toEqual([[1, 2]]);
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({
      requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 1 },
      DDBStreamBatchInfo: { batchSize: 2 },
    });
  });

  it('runs batches in parallel, and the records of an item one after another', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    const gate = createGate();
    rig.add(
      'reader',
      `export const handler = async ({ Records: [{ dynamodb }] }) => {
         const name = dynamodb.Keys.pk.S + dynamodb.NewImage.n.N;
         console.log(JSON.stringify({ begins: name }));
         ${gate.pass}
         console.log(JSON.stringify({ ends: name }));
       };`,
    );
    for (const n of ['1', '2']) for (const pk of ['a', 'b', 'c', 'd', 'e']) await put(rig, pk, [1], { n: { N: n } });

    await rig.map(stream, 'reader', { ...FROM_START, batchSize: 1, parallelizationFactor: 4 });
    await rig.tells(2);
    gate.open();
    const told = (await rig.tells(20)) as { begins?: string; ends?: string }[];

    const begins = told.flatMap(({ begins }) => begins ?? []);
    const running = told.map((_step, at) =>
      told.slice(0, at + 1).reduce((sum, { begins }) => sum + (begins ? 1 : -1), 0),
    );
    expect(Math.max(...running)).toBeGreaterThan(1);
    for (const pk of ['a', 'b', 'c', 'd', 'e']) {
      expect(begins.filter((name) => name.startsWith(pk))).toEqual([`${pk}1`, `${pk}2`]);
      expect(told.findIndex(({ ends }) => ends === `${pk}1`)).toBeLessThan(
        told.findIndex(({ begins }) => begins === `${pk}2`),
      );
    }
  });

  it('keeps its position while it is disabled, even during a retry', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('reader', reader('if (calls === 1) throw new Error("once");'));
    await put(rig, 'g1', [1]);
    const { uuid } = await rig.map(stream, 'reader', FROM_START);
    await rig.troubled(1);

    await rig.lambda.send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: false }));
    await put(rig, 'g1', [2]);
    rig.clock.advance(60_000);
    const whileDisabled = [...rig.told];
    await rig.lambda.send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: true }));
    await rig.settled();

    expect(whileDisabled).toEqual([[1]]);
    expect(rig.told.slice(1).flat()).toEqual([1, 2]);
  });

  it('loses nothing and repeats nothing over many batches', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('reader', reader('if (calls === 2) throw new Error("once");'));
    await rig.map(stream, 'reader', { ...FROM_START, batchSize: 50 });
    const sks = Array.from({ length: 500 }, (_, index) => index + 1);

    await put(rig, 'g1', sks);
    await rig.troubled(1);
    rig.clock.advance(60_000);
    await rig.settled();

    const batches = rig.told as number[][];
    expect(batches.filter((_batch, index) => index !== 1).flat()).toEqual(sks);
  });

  it.each([
    ['a stream without a starting position', {}, 'startingPosition is missing: a stream needs TRIM_HORIZON or LATEST'],
    [
      'limits out of range',
      { ...FROM_START, batchSize: 0, parallelizationFactor: 11, maximumRetryAttempts: -2, maximumRecordAgeSeconds: 10 },
      'batchSize is 0, allowed is 1 to 10000; parallelizationFactor is 11, allowed is 1 to 10; ' +
        'maximumRetryAttempts is -2, allowed is 0 to 10000; maximumRecordAgeSeconds is 10, allowed is 60 to 604800',
    ],
    [
      'a FIFO queue as on-failure destination',
      { ...FROM_START, onFailureDestinationArn: 'arn:aws:sqs:eu-west-1:123456789012:failures.fifo' },
      "the on-failure destination 'arn:aws:sqs:eu-west-1:123456789012:failures.fifo' is none that this run can write to",
    ],
    [
      'a filter that is no pattern',
      { ...FROM_START, filterPatterns: ['{"eventName":"INSERT"}'] },
      'Invalid filter pattern',
    ],
    [
      'a setting of queues',
      { ...FROM_START, maximumConcurrency: 5 },
      'maximumConcurrency is for queues, not for streams',
    ],
  ])('refuses %s', async (_what, more, message) => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('outbox');
    rig.add('reader', reader());

    await expect(rig.map(stream, 'reader', more)).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: expect.stringContaining(message),
    });
  });

  it('refuses a second mapping of the same stream to the same function', async () => {
    await using rig = await openLambdaRig();
    const stream = await rig.table('orders');
    rig.add('reader', reader());
    const { uuid } = await rig.map(stream, 'reader', { startingPosition: 'LATEST' });

    await expect(rig.map(stream, 'reader', { startingPosition: 'LATEST' })).rejects.toMatchObject({
      code: 'ResourceConflictException',
      message: `The event source arn (" ${stream} ") and function (" reader ") provided mapping already exists. Please update or delete the existing mapping with UUID ${uuid}`,
    });
  });

  it('refuses a source that is neither a queue nor a stream', async () => {
    await using rig = await openLambdaRig();
    rig.add('reader', reader());

    await expect(rig.map('arn:aws:kinesis:eu-west-1:123456789012:stream/x', 'reader')).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
    });
  });
});
