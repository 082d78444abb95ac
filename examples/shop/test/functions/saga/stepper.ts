import type { Logger } from '@aws-lambda-powertools/logger';
import { type CloudEvent, causedBy, groupOf, isWaybillError, parseEvent } from 'waybill';
import type { SubscriptionHandlers } from 'waybill/consumer';
import type { Outbox } from 'waybill/outbox';
import type { Tenancy } from 'waybill/tenancy';
import type { InMemoryOutboxStore } from 'waybill/testing';

export interface StepperDeps {
  readonly services: readonly SubscriptionHandlers[];
  readonly store: InMemoryOutboxStore;
  readonly outbox: Outbox;
  readonly tenancy: Tenancy;
  readonly tenantId: string | undefined;
  readonly logger: Logger;
}

/** Lets each service handle its events of an order when it is told to, in sequence order. */
export function createStepper({ services, store, outbox, tenancy, tenantId, logger }: StepperDeps) {
  /** By service and order: the sequence that it has come to. */
  const cursors = new Map<string, number>();
  const busy = new Set<string>();

  const eventsOf = (orderId: string): readonly CloudEvent[] =>
    store.events
      .filter(({ group }) => group === groupOf(tenantId, `order#${orderId}`))
      .toSorted((left, right) => left.sequence - right.sequence)
      .map(({ body }) => parseEvent(body));

  const handle = async ({ subscription, handlers }: SubscriptionHandlers, event: CloudEvent) => {
    const handler = handlers[event.type];
    const context = {
      log: logger,
      signal: new AbortController().signal,
      idempotencyKey: `${subscription.name}/${event.id}`,
      skip: (reason: string): never => {
        throw new Error(`skipped: ${reason}`);
      },
      afterCommit: () => undefined,
    };
    const run = () =>
      outbox.transact(async (tx) => {
        await handler?.(event as Parameters<typeof handler>[0], { ...context, tx });
      }, causedBy(event));
    await untilWon(() => tenancy.runAsTenant(tenantId, run));
  };

  /**
   * Lets a service handle its next event of an order, unless it is at one.
   * @param executions that overlap @returns whether it did
   */
  const step = async (service: SubscriptionHandlers, orderId: string, executions = 1): Promise<boolean> => {
    const place = `${service.subscription.name} ${orderId}`;
    const next = eventsOf(orderId).find(
      ({ sequence, type }) => Number(sequence) > (cursors.get(place) ?? 0) && type in service.handlers,
    );
    if (next === undefined || busy.has(place)) return false;
    busy.add(place);
    await Promise.all(Array.from({ length: executions }, () => handle(service, next)));
    busy.delete(place);
    cursors.set(place, Number(next.sequence));
    return true;
  };

  return {
    eventsOf,
    step,

    /** Lets a service handle an event of the past once more, as if its records were gone. */
    async repeat(service: SubscriptionHandlers, orderId: string, index: number): Promise<void> {
      const reached = cursors.get(`${service.subscription.name} ${orderId}`) ?? 0;
      const past = eventsOf(orderId).filter(
        ({ sequence, type }) => Number(sequence) <= reached && type in service.handlers,
      );
      const event = past[index % Math.max(past.length, 1)];
      if (event !== undefined) await handle(service, event);
    },

    /** Until no service has anything to do. */
    async settle(orderIds: readonly string[], executions = 1): Promise<void> {
      for (let moved = true; moved; ) {
        moved = false;
        for (const service of services) {
          for (const orderId of orderIds) if (await step(service, orderId, executions)) moved = true;
        }
      }
    },
  };
}

/** A condition that fails this often in a row is one that never holds. */
const MOST_RUNS = 20;

/** The consumer runs a handler again that lost a race; a saga leaves it to the queue to bring the event again. */
async function untilWon(work: () => Promise<unknown>): Promise<void> {
  for (let run = 1; ; run++) {
    try {
      await work();
      return;
    } catch (error) {
      const isLost = isWaybillError(error) && (error.disposition === 'lost-race' || error.code === 'SAGA_RACE_LOST');
      if (!isLost || run === MOST_RUNS) throw error;
    }
  }
}
