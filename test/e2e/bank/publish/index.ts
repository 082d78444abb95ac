import type * as z from 'zod';
import { createProducerRuntime } from '../../../../lib/runtime/producer-runtime.ts';
import { Deposited } from '../events.ts';

const { outbox } = createProducerRuntime(process.env);

/** Publishes deposits in one transaction; answers their ids. */
export const handler = async (deposits: readonly z.infer<typeof Deposited.schema>[]): Promise<readonly string[]> => {
  const { events } = await outbox.transact((tx) => {
    for (const deposit of deposits) tx.publish(Deposited, deposit);
  });
  return events.map(({ id }) => id);
};
