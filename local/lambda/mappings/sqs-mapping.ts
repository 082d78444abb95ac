import { isThrottle } from '../errors.ts';
import type { InvokeResult } from '../invocation.ts';
import { judgeBatch } from './batch-response.ts';
import {
  eventOf,
  MAX_BATCH_BYTES,
  type MappingRunner,
  type ProcessingResult,
  type RunnerDeps,
} from './mapping-runner.ts';
import { createPauses } from './pauses.ts';
import type { EntryFailure, QueueMessage, SqsPort } from './sqs-port.ts';
import { filterView, toSqsRecord } from './sqs-record.ts';

export interface SqsMappingOptions {
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly region: string;
  readonly batchSize: number;
  readonly windowMs: number;
  /** Invocations at a time. */
  readonly concurrency: number;
  readonly reportBatchItemFailures: boolean;
  /** For how long a batch is tried again when the function is throttled, from its receive on; then it is left to SQS. */
  readonly throttledMs: number;
}

/** The longest that SQS lets a receive wait. */
const LONG_POLL_SECONDS = 20;
const MAX_RECEIVE = 10;
const RETRY_AFTER_ERROR_MS = 1000;

/** Ours: Lambda publishes no times. */
const FIRST_THROTTLE_WAIT_MS = 1000;

/**
 * Feeds a queue to a function. One long poll is out while an environment could take what it brings, and the next one
 * follows as soon as it returns: that fills all environments, and costs nothing while the queue is empty.
 */
export function createSqsMapping(deps: RunnerDeps, sqs: SqsPort, options: SqsMappingOptions): MappingRunner {
  const { clock, log, target, accepts } = deps;
  const { queueArn, queueUrl, region, batchSize, windowMs, concurrency, reportBatchItemFailures } = options;
  const { throttledMs } = options;
  const pauses = createPauses(clock);
  let enabled = false;
  let polling = false;
  let waitsForTurn = false;
  let held = 0;
  const deliveries = new Set<Promise<void>>();
  let lastResult: ProcessingResult = 'No records processed';

  const pump = () => {
    if (!enabled || polling || deliveries.size >= concurrency) return;
    if (target.capacity() === 0) return awaitTurn();
    polling = true;
    void poll().finally(() => {
      polling = false;
      pump();
    });
  };

  const awaitTurn = () => {
    if (waitsForTurn) return;
    waitsForTurn = true;
    target.onceFree(() => {
      waitsForTurn = false;
      pump();
    });
  };

  const poll = async () => {
    try {
      const messages = await gather();
      if (messages.length === 0) return;
      if (enabled) track(deliver(messages));
      else await giveBack(messages);
    } catch (error) {
      if (!enabled) return;
      log('error', target.functionName, `cannot receive from ${queueArn}; trying again`, { error });
      await pauses.wait(RETRY_AFTER_ERROR_MS);
    } finally {
      held = 0;
    }
  };

  const giveBack = (messages: readonly QueueMessage[]) =>
    inTens(messages, (handles) => sqs.releaseBatch(queueUrl, handles));

  /** One receive, or as many as fill the batch before its window has passed. */
  const gather = async (): Promise<readonly QueueMessage[]> => {
    const messages = [...(await sqs.receive(queueUrl, Math.min(batchSize, MAX_RECEIVE), LONG_POLL_SECONDS))];
    held = messages.length;
    const windowEndsAt = clock.now() + windowMs;
    let bytes = bytesOf(messages);
    while (enabled && messages.length > 0 && messages.length < batchSize && bytes < MAX_BATCH_BYTES / 2) {
      const leftMs = windowEndsAt - clock.now();
      if (leftMs <= 0) break;
      const waitSeconds = Math.min(Math.ceil(leftMs / 1000), LONG_POLL_SECONDS);
      const more = await sqs.receive(queueUrl, Math.min(batchSize - messages.length, MAX_RECEIVE), waitSeconds);
      messages.push(...more);
      held = messages.length;
      bytes += bytesOf(more);
    }
    return messages;
  };

  const track = (delivery: Promise<void>) => {
    const tracked = delivery.finally(() => {
      deliveries.delete(tracked);
      pump();
    });
    deliveries.add(tracked);
  };

  const deliver = async (received: readonly QueueMessage[]) => {
    try {
      const wanted = received.filter((message) => accepts(filterView(message, queueArn, region)));
      const done = new Set(received);
      if (wanted.length > 0) for (const message of await failedOf(wanted)) done.delete(message);
      await remove([...done]);
    } catch (error) {
      // a mapping that stops waits for no turn
      if (!enabled && isThrottle(error)) return void (await giveBack(received));
      log('error', target.functionName, `a batch of ${queueArn} was not settled; it comes again`, { error });
    }
  };

  /** A poller that is throttled waits longer each time, but gives up while SQS still hides the messages. */
  const invoke = async (event: string, causes: readonly string[]): Promise<InvokeResult> => {
    const until = clock.now() + throttledMs;
    for (let waitMs = FIRST_THROTTLE_WAIT_MS; ; waitMs *= 2) {
      try {
        return await target.invoke(event, causes);
      } catch (error) {
        if (!isThrottle(error) || !enabled || clock.now() + waitMs > until) throw error;
        await pauses.wait(waitMs);
      }
    }
  };

  /** Invokes the function, and gives the messages that stay on the queue. */
  const failedOf = async (messages: readonly QueueMessage[]): Promise<readonly QueueMessage[]> => {
    const records = messages.map((message) => JSON.stringify(toSqsRecord(message, queueArn, region)));
    const result = await invoke(eventOf(records), messages.flatMap(traceOf));
    const ids = new Set(messages.map((message) => message.MessageId));
    const verdict = judgeBatch(result, ids, reportBatchItemFailures);
    lastResult = verdict.kind === 'all-failed' ? 'PROBLEM: Function call failed' : 'OK';
    if (verdict.kind === 'all-done') return [];
    if (verdict.kind === 'some-failed') return messages.filter((message) => verdict.failed.has(message.MessageId));
    log('warn', target.functionName, `a batch of ${messages.length} messages failed as a whole`, {
      reason: verdict.reason,
    });
    return messages;
  };

  /** What is not deleted comes again: a duplicate, never a loss. */
  const remove = async (messages: readonly QueueMessage[]) => {
    const refused = await inTens(messages, (handles) => sqs.deleteBatch(queueUrl, handles));
    const again = refused.filter(({ senderFault }) => !senderFault).map(({ message }) => message);
    const lost = [
      ...refused.filter(({ senderFault }) => senderFault),
      ...(await inTens(again, (handles) => sqs.deleteBatch(queueUrl, handles))),
    ];
    for (const { message, code } of lost) {
      log('warn', target.functionName, `message ${message.MessageId} was handled but not deleted: ${code}`);
    }
  };

  return {
    start() {
      enabled = true;
      pump();
    },
    async stop() {
      enabled = false;
      pauses.cutShort();
      await Promise.all(deliveries);
    },
    isBusy: () => deliveries.size > 0 || held > 0,
    lastResult: () => lastResult,
  };
}

/** Calls SQS for ten messages at a time, the most that a batch call takes. */
async function inTens(
  messages: readonly QueueMessage[],
  call: (receiptHandles: readonly string[]) => Promise<readonly EntryFailure[]>,
): Promise<readonly (EntryFailure & { readonly message: QueueMessage })[]> {
  const refused: (EntryFailure & { readonly message: QueueMessage })[] = [];
  for (let start = 0; start < messages.length; start += MAX_RECEIVE) {
    const ten = messages.slice(start, start + MAX_RECEIVE);
    for (const failure of await call(ten.map((message) => message.ReceiptHandle))) {
      const message = ten[failure.index];
      if (message !== undefined) refused.push({ ...failure, message });
    }
  }
  return refused;
}

/** Of the invocation that sent it; none of a message from elsewhere. */
const traceOf = ({ Attributes }: QueueMessage): readonly string[] => {
  const header = Attributes?.['AWSTraceHeader'];
  return header === undefined ? [] : [header];
};

const bytesOf = (messages: readonly QueueMessage[]): number =>
  messages.reduce((sum, { Body }) => sum + Buffer.byteLength(Body), 0);
