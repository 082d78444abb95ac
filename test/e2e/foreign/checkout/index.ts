import { createProducerRuntime } from '../../../../lib/runtime/producer-runtime.ts';
import { Deposited } from '../../bank/events.ts';

const { outbox } = createProducerRuntime(process.env);

/** A function that a team had before: it publishes now what it does. */
export async function handler({ accountId }: { readonly accountId: string }): Promise<{ readonly eventId: string }> {
  const { events } = await outbox.transact((tx) => {
    tx.publish(Deposited, { accountId, amount: 1, behaviour: 'handle' });
  });
  return { eventId: events[0]?.id ?? '' };
}
