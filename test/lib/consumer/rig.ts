import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { createConsumer, type EventHandler, handlersFor } from '../../../lib/consumer/index.ts';
import { type CloudEvent, defineSubscription, type EventDefinition } from '../../../lib/contracts/index.ts';
import { draftEvent, sealEvent } from '../../../lib/event/index.ts';
import { createInMemoryInbox } from '../../../lib/inbox/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';

const banking = defineSubscription({ name: 'banking', events: [Deposited, Audited] });

export type DepositHandler = EventHandler<typeof Deposited>;

/** A consumer of deposits over fakes. */
export function createRig(onDeposit: DepositHandler, timeoutSignal?: (delayMs: number) => AbortSignal) {
  const { outbox, store, clock } = createTestOutbox({ accounts: ['accountId'] });
  const lines: Record<string, unknown>[] = [];
  const emitted: Record<string, unknown>[] = [];
  const logger = collecting(new Logger({ serviceName: 'banking', logLevel: 'INFO' }), lines);
  const metrics = new Metrics({ namespace: 'Waybill', serviceName: 'banking' });
  metrics.publishStoredMetrics = () => {
    emitted.push(metrics.serializeMetrics() as unknown as Record<string, unknown>);
    metrics.clearMetrics();
    return metrics;
  };
  const handler = createConsumer(
    handlersFor(banking, { 'com.example.account.deposited': onDeposit, 'com.example.audit.noted': () => undefined }),
    { inbox: createInMemoryInbox(clock), outbox, logger, metrics, clock, ...(timeoutSignal && { timeoutSignal }) },
  );
  return { handler, clock, store, lines, emitted };
}

/** Its lines, and those of its children, land in `lines`. */
function collecting(logger: Logger, lines: Record<string, unknown>[]): Logger {
  const collect = (line: string) => void lines.push(JSON.parse(line));
  const createChild = logger.createChild.bind(logger);
  return Object.assign(logger, {
    console: { info: collect, error: collect, warn: collect, debug: collect },
    createChild: (options?: Parameters<typeof createChild>[0]) => collecting(createChild(options), lines),
  });
}

export async function eventOf<D extends EventDefinition>(
  definition: D,
  data: unknown,
  { id, ...more }: Partial<CloudEvent> & { id: string },
): Promise<CloudEvent> {
  const maker = { clock: createTestClock(), ids: createCountingIds() };
  const draft = await draftEvent(definition, data, { correlationId: 'request-7' }, maker);
  return { ...sealEvent(draft, 1), id, ...more };
}

let received = 0;

export const messageOf = (body: string, group?: string): SQSRecord => {
  received += 1;
  return {
    messageId: `message-${received}`,
    receiptHandle: `receipt-${received}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '0',
      ...(group === undefined ? {} : { MessageGroupId: group }),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:banking.fifo',
    awsRegion: 'eu-west-1',
  };
};

export const batchOf = (...Records: SQSRecord[]): SQSEvent => ({ Records });
