import type { EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonService } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import { serviceClosed } from './errors.ts';
import type { SqsFaults } from './faults.ts';
import type { GroupLock } from './fifo-order.ts';
import { readInput } from './input.ts';
import { AWS_LIMITS, type SqsLimits } from './limits.ts';
import { createMoveTaskOperations } from './move-task-operations.ts';
import type { Operation } from './operation.ts';
import { permissionOperations } from './permission-operations.ts';
import { sqsQueryProtocol } from './query-protocol.ts';
import { queueOperations } from './queue-operations.ts';
import { createQueueRegistry } from './queue-registry.ts';
import type { MessageAttribute, MessageState } from './queued-message.ts';
import { receiptOperations } from './receipt-operations.ts';
import { receiveOperations } from './receive-operations.ts';
import { sendOperations } from './send-operations.ts';

export interface SqsOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly log: RunLog;
  /** Base of the queue URLs, known once the endpoint is open. */
  readonly endpointUrl: () => string;
  readonly newId: () => string;
  /** What of a FIFO group waits while a message of it is in flight. @default behind */
  readonly groupLock?: GroupLock;
  /** Smaller ones for tests. @default AWS's */
  readonly limits?: Partial<SqsLimits>;
  /** @default nothing goes wrong */
  readonly faults?: SqsFaults | undefined;
}

interface QueueDepth {
  readonly queueArn: string;
  readonly queueName: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Of the oldest message, in whatever state; absent when the queue is empty. */
  readonly oldestSentAt?: EpochMs;
}

export interface PeekedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly groupId?: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly state: MessageState['kind'];
  readonly receiveCount: number;
  readonly sentAt: EpochMs;
  /** The queue whose dead letter it is. */
  readonly deadLetterSourceArn?: string;
}

export interface Sqs {
  /** `AmazonSQS`, JSON 1.0 and the query protocol; in-process callers use its `handle`, too. */
  readonly service: JsonService;
  depths(): readonly QueueDepth[];
  /** Redrives of dead letters under way. */
  activeMoves(): number;
  /** A queue's messages, the oldest first, without receiving them; empty when there is no such queue. */
  peek(queueArn: string): readonly PeekedMessage[];
  /** Ends long polls and move tasks; further calls are refused. */
  close(): void;
}

/** An SQS of standard and FIFO queues, in memory. */
export function createSqs(options: SqsOptions): Sqs {
  const { clock, region, accountId, log, endpointUrl, newId, groupLock = 'behind', faults = {} } = options;
  const limits = { ...AWS_LIMITS, ...options.limits };
  const registry = createQueueRegistry({ clock, accountId, endpointUrl });
  const moveTasks = createMoveTaskOperations(registry, clock, newId);
  let lastOrder = 0;
  const nextOrder = () => ++lastOrder;
  let isClosed = false;

  const operations = new Map<string, Operation>(
    Object.entries({
      ...queueOperations({ clock, registry, region, accountId, newId, nextOrder, log, groupLock, limits, faults }),
      ...sendOperations(registry),
      ...receiveOperations(registry),
      ...receiptOperations(registry, clock),
      ...permissionOperations(registry),
      ...moveTasks.operations,
    }),
  );

  return {
    service: {
      targetPrefix: 'AmazonSQS',
      jsonVersion: '1.0',
      query: sqsQueryProtocol,
      async handle(name, input, caller) {
        if (isClosed) throw serviceClosed();
        const operation = operations.get(name);
        if (operation === undefined) {
          throw new AwsError(
            'UnknownOperationException',
            `the local SQS has no operation '${name}'; it has ${[...operations.keys()].join(', ')}`,
          );
        }
        return operation(readInput(input), caller);
      },
    },
    depths: () =>
      registry.all().map(({ arn, name, core }) => {
        const oldestSentAt = core.oldestSentAt();
        return {
          queueArn: arn,
          queueName: name,
          ...core.counts(),
          ...(oldestSentAt === undefined ? {} : { oldestSentAt }),
        };
      }),
    activeMoves: moveTasks.active,
    peek: (queueArn) =>
      [...(registry.findByArn(queueArn)?.core.all() ?? [])].map((message) => ({
        messageId: message.messageId,
        body: message.body,
        ...(message.groupId === undefined ? {} : { groupId: message.groupId }),
        attributes: message.attributes,
        state: message.state.kind,
        receiveCount: message.receiveCount,
        sentAt: message.sentAt,
        ...(message.deadLetterSourceArn === undefined ? {} : { deadLetterSourceArn: message.deadLetterSourceArn }),
      })),
    close() {
      isClosed = true;
      moveTasks.close();
      for (const queue of registry.all()) queue.close();
    },
  };
}
