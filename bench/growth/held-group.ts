import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PermanentError } from '../../lib/consumer/index.ts';
import type { BenchContext } from '../area.ts';
import { createBenchConsumer, messageOf } from '../consumer/bench-consumer.ts';
import { createGroupLog } from '../consumer/group-log.ts';
import { openBenchEngines } from '../engines/open-engines.ts';
import { cpuMsOf, inParallel, liveHeapMiB, medianOf, millisecondsOf } from '../measure.ts';
import { figure, type Report, type Table } from '../report.ts';

const MESSAGES = 50_000;
const BATCH = 10;
const HELD = 1;
const OTHER = 2;
const REPETITION = { warmUps: 200, repetitions: 9 } as const;
/** Longer than the measurement. */
const HIDDEN_SECONDS = 43_200;

interface Held {
  readonly cpuMsPerHeldMessage: number;
  readonly cpuMsPerReleasedEvent: number;
  readonly heldMiB: number;
  readonly releasedMiB: number;
  /** Of another group's message, before and behind the held ones. */
  readonly otherAloneMs: number;
  readonly otherBehindMs: number;
}

/** What a dead letter with 50,000 messages of its group behind it costs a strict consumer, over fakes in this process. */
export async function measureHeldGroup({ progress }: BenchContext): Promise<Report> {
  progress(`a dead letter with ${MESSAGES.toLocaleString('en')} messages of its group behind it, over fakes`);
  const held = await measureConsumer();
  const table: Table = {
    title: `${MESSAGES.toLocaleString('en')} messages behind a dead letter, over fakes`,
    head: ['what', 'value', 'unit'],
    rows: [
      ['a message behind the dead letter is noted and deleted', held.cpuMsPerHeldMessage, 'ms of CPU'],
      ['heap grown while held', held.heldMiB, 'MiB'],
      ['an event after the redrive, read from the log', held.cpuMsPerReleasedEvent, 'ms of CPU'],
      ['heap grown after all', held.releasedMiB, 'MiB'],
    ],
  };
  const other = figure({
    name: "another group's message at the consumer, among those of a held group",
    value: held.otherBehindMs,
    unit: 'ms',
    beside: { what: 'before the group was held, ms', value: held.otherAloneMs },
  });
  return { figures: [other], tables: [table] };
}

/** What 50,000 messages of a group that waits in its queue cost, over the engine. */
export async function measureWaitingGroup({ progress }: BenchContext): Promise<Report> {
  progress(`a waiting group with ${MESSAGES.toLocaleString('en')} messages in its queue, over the engine`);
  const { behindMs, aloneMs, messagesMiB } = await measureQueue();
  const other = figure({
    name: "a receive of another group's message behind a waiting group",
    value: behindMs,
    unit: 'ms',
    beside: { what: 'an empty queue, ms', value: aloneMs },
    note: `the messages take ${messagesMiB.toFixed(0)} MiB`,
  });
  return { figures: [other] };
}

async function measureConsumer(): Promise<Held> {
  let isMended = false;
  let handled = 0;
  const consumer = createBenchConsumer(
    'strict',
    ({ partitionkey }) => {
      if (partitionkey === `account#${HELD}` && !isMended) throw new PermanentError('cannot be handled');
      handled += 1;
    },
    createGroupLog(HELD, MESSAGES + 1),
  );
  let others = 0;
  const another = () =>
    medianOf(() => millisecondsOf(() => consumer.handle({ Records: [messageOf(OTHER, ++others)] })), REPETITION);
  const otherAloneMs = await another();
  // the last receive that is permitted: SQS moves the message
  const { batchItemFailures } = await consumer.invoke({ Records: [messageOf(HELD, 1)] });
  if (batchItemFailures.length !== 1) throw new Error('the first event did not fail');
  const before = await liveHeapMiB();

  const heldMs = await cpuMsOf(async () => {
    for (let sequence = 2; sequence <= MESSAGES + 1; sequence += BATCH) {
      const Records = Array.from({ length: BATCH }, (_, index) => messageOf(HELD, sequence + index));
      await consumer.handle({ Records });
    }
  });
  const heldMiB = (await liveHeapMiB()) - before;
  const otherBehindMs = await another();
  const handledBefore = handled;
  isMended = true;
  const releasedMs = await cpuMsOf(() => consumer.handle({ Records: [messageOf(HELD, 1)] }));
  const released = handled - handledBefore;
  if (released !== MESSAGES + 1)
    throw new Error(`${released} of ${MESSAGES + 1} events were handled after the redrive`);
  consumer.forget();
  return {
    cpuMsPerHeldMessage: heldMs / MESSAGES,
    cpuMsPerReleasedEvent: releasedMs / released,
    heldMiB,
    releasedMiB: (await liveHeapMiB()) - before,
    otherAloneMs,
    otherBehindMs,
  };
}

async function measureQueue() {
  await using bench = await openBenchEngines();
  const { endpointUrl, region } = bench.connection;
  const client = new SQSClient({
    endpoint: endpointUrl,
    region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const { url: QueueUrl } = await bench.createFifoQueue('held');
  let others = 0;
  const otherMs = () =>
    medianOf(
      async () => {
        const MessageBody = JSON.stringify({ other: ++others });
        await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: `other-${others}` }));
        let received: Message | undefined;
        const ms = await millisecondsOf(async () => {
          const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
          [received] = Messages;
        });
        if (received?.Body !== MessageBody) throw new Error('the message of another group was not received');
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: received.ReceiptHandle }));
        return ms;
      },
      { repetitions: 9 },
    );
  const aloneMs = await otherMs();
  const before = await liveHeapMiB();
  await inParallel(MESSAGES / BATCH, 8, async (batch) => {
    const Entries = Array.from({ length: BATCH }, (_, index) => ({
      Id: String(index),
      MessageBody: messageOf(HELD, batch * BATCH + index + 1).body,
      MessageGroupId: 'held',
    }));
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  });
  const messagesMiB = (await liveHeapMiB()) - before;
  // in flight: the group waits
  await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH, VisibilityTimeout: HIDDEN_SECONDS }),
  );
  const behindMs = await otherMs();
  client.destroy();
  return { aloneMs, behindMs, messagesMiB };
}
