import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonService } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import { createArchives } from './archives.ts';
import { createBuses } from './buses.ts';
import { createDeliveries, type DeliveryRequest, type SendToDeadLetterQueue } from './delivery.ts';
import type { EventBridgeFaults } from './faults.ts';
import type { Operations } from './operations.ts';
import { createPutEvents } from './put-events.ts';
import { createReplays } from './replays.ts';
import { createRouter } from './router.ts';
import { createRuleOperations } from './rules.ts';
import { createSchedules } from './schedules.ts';
import { createTags } from './tags.ts';
import { createTargetOperations } from './targets.ts';
import { testEventPattern } from './test-event-pattern.ts';

export type { DeliveryRequest } from './delivery.ts';
export type { EventBridgeFaults } from './faults.ts';

/**
 * Hands an event to a target. Rejects with an AwsError: throttling and answers of 500 and above are tried again, other
 * errors (a queue that does not exist, access denied) send the event to the target's dead-letter queue at once.
 */
export type DeliverToTarget = (request: DeliveryRequest) => Promise<void>;

export interface EventBridgeOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly log: RunLog;
  readonly newId: () => string;
  /** From 0 up to, not including, 1: the jitter of retries. */
  readonly random: () => number;
  /** By the service part of the target's ARN: `sqs`, `lambda`. Buses of this engine need none. */
  readonly targets: Readonly<Record<string, DeliverToTarget>>;
  readonly sendToDeadLetterQueue: SendToDeadLetterQueue;
  /** @default none */
  readonly faults?: EventBridgeFaults;
}

export interface EventBridge {
  readonly service: JsonService;
  /** Deliveries under way or waiting for a retry, and replays under way. */
  pendingDeliveries(): number;
  /** ARNs of the targets that the rules in force, of all buses, would send an event to. */
  targetsOf(event: object): readonly string[];
  close(): void;
}

/** EventBridge with its classic buses: rules, targets, retries, dead letters, archives, replays and rate schedules. */
export function createEventBridge(options: EventBridgeOptions): EventBridge {
  const { clock, region, accountId, log, newId, random, targets, faults = {}, sendToDeadLetterQueue } = options;
  const tags = createTags();
  const buses = createBuses({ clock, region, accountId, tags });
  const deliveries = createDeliveries({
    clock,
    random,
    log,
    faults,
    sendToDeadLetterQueue,
    async send(request, { event, target }) {
      const deliver = targets[target.service];
      if (deliver === undefined) router.forward(event, target.arn);
      else await deliver(request);
    },
  });
  const router = createRouter({ buses, deliveries, clock, region, accountId, log, newId });
  const schedules = createSchedules(clock, router.fireSchedule);
  const archives = createArchives({ buses, clock, region, accountId });
  const replays = createReplays({ buses, archives, clock, region, accountId, send: router.route });

  const operations: ReadonlyMap<string, Operations[string]> = new Map(
    [
      buses.operations,
      createRuleOperations({ buses, schedules, tags, region, accountId }),
      createTargetOperations(buses, [...new Set([...Object.keys(targets), 'events'])]),
      createPutEvents({ clock, region, accountId, newId, faults, accept: router.route }),
      testEventPattern,
      archives.operations,
      replays.operations,
      tags.operations,
    ].flatMap((group) => Object.entries(group)),
  );

  return {
    service: {
      targetPrefix: 'AWSEvents',
      jsonVersion: '1.1',
      async handle(operation, input) {
        const run = operations.get(operation);
        if (run !== undefined) return run(input);
        throw new AwsError(
          'UnknownOperationException',
          `${operation} of EventBridge is not part of the local run; it has ${[...operations.keys()].join(', ')}`,
        );
      },
    },
    targetsOf: router.targetsOf,
    pendingDeliveries: () => deliveries.pending() + replays.running(),
    close() {
      schedules.close();
      replays.close();
      deliveries.close();
    },
  };
}
