import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import { causedBy } from '../../../lib/event/index.ts';
import { traceCorrelation } from '../../../lib/operations/index.ts';
import type { EventRecord } from '../../../lib/outbox/event-record.ts';
import { createInMemoryEventIndex } from '../../../lib/testing/in-memory-event-index.ts';
import { Deposited } from '../../fixtures/events.ts';
import { createOpsRig } from './rig.ts';

/** An event and its effects, which are effects of their handlers in turn. */
async function createTraced() {
  const rig = createOpsRig();
  const publish = async (accountId: string, cause?: CloudEvent) => {
    const context = cause === undefined ? {} : causedBy(cause);
    const { events } = await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId, amount: 1 }), context);
    rig.clock.advance(1_000);
    const [event] = events;
    if (event === undefined) throw new Error('nothing was published');
    return event;
  };
  const order = await publish('order');
  const payment = await publish('payment', order);
  const mail = await publish('mail', order);
  const receipt = await publish('receipt', payment);
  await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: 'other', amount: 1 }), {
    correlationId: 'other',
  });
  const index = createInMemoryEventIndex(rig.store);
  const deps = { ...rig, index, markers: { stateOf: async () => ({ kind: 'published' }) as const }, consumers: [] };
  return {
    rig,
    deps,
    correlationId: order.correlationid,
    ids: { order: order.id, payment: payment.id, mail: mail.id, receipt: receipt.id },
  };
}

describe('traceCorrelation', () => {
  it('shows causes with their effects, in the order of their commits, and the times between', async () => {
    const { deps, correlationId, ids } = await createTraced();

    const trace = await traceCorrelation(correlationId, deps, { limit: 10 });

    expect(trace).toMatchObject({
      correlationId,
      events: 4,
      isCut: false,
      roots: [
        {
          event: { id: ids.order },
          causationId: undefined,
          afterCauseMs: undefined,
          effects: [
            {
              event: { id: ids.payment },
              causationId: ids.order,
              afterCauseMs: 1_000,
              effects: [{ event: { id: ids.receipt }, afterCauseMs: 2_000, effects: [] }],
            },
            { event: { id: ids.mail }, afterCauseMs: 2_000, effects: [] },
          ],
        },
      ],
    });
  });

  it('says that there are more events than the limit, and shows those whose cause is missing at the top', async () => {
    const { deps, correlationId, ids } = await createTraced();
    const late = async function* (id: string): AsyncGenerator<readonly EventRecord[]> {
      for await (const page of deps.index.ofCorrelation(id)) yield page.filter((event) => event.id !== ids.order);
    };

    const trace = await traceCorrelation(correlationId, { ...deps, index: { ofCorrelation: late } }, { limit: 2 });

    expect(trace).toMatchObject({ events: 2, isCut: true });
    expect(trace.roots.map(({ event, causationId }) => [event.id, causationId])).toStrictEqual([
      [ids.payment, ids.order],
      [ids.mail, ids.order],
    ]);
  });

  it('shows nothing of a correlation that nobody knows', async () => {
    const { deps } = await createTraced();

    expect(await traceCorrelation('nobody', deps, { limit: 10 })).toStrictEqual({
      correlationId: 'nobody',
      events: 0,
      isCut: false,
      roots: [],
    });
  });
});
