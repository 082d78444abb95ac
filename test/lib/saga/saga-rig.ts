import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { HandlerContext } from '../../../lib/consumer/index.ts';
import {
  type EventDefinition,
  SAGAS_TABLE,
  type SagaVersions,
  sagaTimerDue,
  type TenancyMode,
} from '../../../lib/definitions/index.ts';
import type { EventOf } from '../../../lib/event/index.ts';
import { createSagaHandlers, createSagaReader, parseSagaItem, type SagaTimers } from '../../../lib/saga/index.ts';
import { createInMemorySagaTimers } from '../../../lib/testing/in-memory-saga-timers.ts';
import { createHarness, type StepOutcome } from '../../../lib/testing/index.ts';

export interface SagaRigOptions {
  readonly tenancy?: TenancyMode;
  /** @default - collected in `counted` */
  readonly emitTo?: Pick<Metrics, 'addMetric'>;
  /** What is laid over the timers. */
  readonly timers?: Partial<SagaTimers>;
}

/** A process manager behind the real consumer, over memory, with timers that the test fires. */
export function createSagaRig(saga: SagaVersions, options: SagaRigOptions = {}) {
  const harness = createHarness({ tables: { sagas: SAGAS_TABLE }, tenancy: options.tenancy ?? 'none' });
  const inMemory = createInMemorySagaTimers();
  const counted: string[] = [];
  const table = harness.table('sagas', parseSagaItem);
  const handlersOf = (versions: SagaVersions) =>
    createSagaHandlers(versions, {
      table,
      timers: { ...inMemory, ...options.timers },
      metrics: options.emitTo ?? { addMetric: (metric) => void counted.push(metric) },
      clock: harness.clock,
    });
  let deployed = handlersOf(saga);
  const consumer = harness.serve({
    subscription: deployed.subscription,
    handlers: Object.fromEntries(
      deployed.subscription.events.map(({ type }) => [
        type,
        (event: EventOf<EventDefinition>, context: HandlerContext) => deployed.handlers[type]?.(event, context),
      ]),
    ),
  });
  const { name } = consumer.subscription;
  return {
    harness,
    consumer,
    /** Other code for the same instances. */
    deploy(versions: SagaVersions): void {
      deployed = handlersOf(versions);
    },
    table,
    timers: inMemory,
    /** Names of the metrics that were counted. */
    counted,
    reader: createSagaReader(table),
    when: consumer.when,
    /** Lets the timer that is due first be due, and come. */
    async timeOut(): Promise<StepOutcome> {
      const [first] = inMemory.running().toSorted((a, b) => a.dueAtSeconds - b.dueAtSeconds);
      if (first === undefined) throw new Error('no timer runs');
      await inMemory.stop(first);
      harness.advance(Math.max(first.dueAtSeconds * 1000 - harness.clock.now(), 0));
      const { saga: _saga, tenantId, correlationId, ...data } = first;
      return consumer.when(sagaTimerDue(name), data, {
        correlationId,
        ...(tenantId === undefined ? {} : { tenantId }),
      });
    },
  };
}

/** Types of what was published, without the common beginning. */
export const sent = ({ events }: StepOutcome): readonly string[] =>
  events.map(({ type }) => type.replace('com.example.', ''));
