import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Dealer } from '../dealer.ts';
import type { FaultKind } from '../fault-kinds.ts';
import type { Simulation } from '../simulation.ts';
import type { FifoQueue, Received } from './fifo-queue.ts';

/** Lambda's poller of a queue: what a function's answer does not name is deleted. */
export interface EventSource {
  /** Looks into the queue before long. */
  wake(): void;
  /** Invocations under way. */
  running(): number;
}

export interface EventSourceOptions {
  readonly sim: Simulation;
  readonly dealer: Dealer;
  readonly queue: () => FifoQueue;
  readonly batchSize: number;
  readonly invoke: (event: SQSEvent, done: (answer: SQSBatchResponse | undefined) => void) => void;
}

const CONCURRENCY = 3;

const BY_THE_POLLER: ReadonlySet<FaultKind> = new Set(['received for nobody', 'received again', 'visibility ends']);

export function createEventSource({ sim, dealer, queue, batchSize, invoke }: EventSourceOptions): EventSource {
  let running = 0;
  let isAwake = false;

  const wake = () => {
    if (isAwake) return;
    isAwake = true;
    sim.after(sim.between(1, 20), () => {
      isAwake = false;
      poll();
    });
  };

  const poll = () => {
    if (running >= CONCURRENCY) return;
    if (queue().canExpire() && dealer.deal((kind) => kind === 'message expires') !== undefined) queue().expire();
    const batch = queue().receive(batchSize);
    if (batch.length === 0) return;
    wake();
    const fault = dealer.deal((kind) => BY_THE_POLLER.has(kind));
    if (fault?.kind === 'received for nobody') return;
    if (fault?.kind === 'visibility ends') {
      sim.after(sim.between(1, 200), () => batch.forEach(({ receipt }) => void queue().hide(receipt, 0)));
    }
    if (fault?.kind !== 'received again') return begin(batch);
    sim.after(sim.between(1, 20), () => begin(queue().receiveAgain(batch)));
  };

  const begin = (batch: readonly Received[]) => {
    if (batch.length === 0) return;
    running += 1;
    invoke({ Records: batch.map(recordOf) }, (answer) => {
      running -= 1;
      wake();
      if (answer !== undefined) acknowledge(batch, answer);
    });
  };

  const acknowledge = (batch: readonly Received[], { batchItemFailures }: SQSBatchResponse) => {
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { id, receipt } of batch) {
      if (failed.has(id)) continue;
      if (dealer.deal((kind) => kind === 'delete lost') !== undefined) continue;
      sim.after(sim.between(1, 10), () => void queue().delete(receipt));
    }
  };

  return { wake, running: () => running };
}

const recordOf = ({ id, group, body, receipt, receiveCount }: Received): SQSEvent['Records'][number] => ({
  messageId: id,
  receiptHandle: receipt,
  body,
  attributes: {
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: '0',
    SenderId: 'sender',
    ApproximateFirstReceiveTimestamp: '0',
    MessageGroupId: group,
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:model.fifo',
  awsRegion: 'eu-west-1',
});
