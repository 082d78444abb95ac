import type * as z from 'zod';
import { createProducerRuntime } from '../../../../lib/runtime/producer-runtime.ts';
import { TripRequested } from '../events.ts';

const { outbox } = createProducerRuntime(process.env);

export const handler = async (trip: z.infer<typeof TripRequested.schema>): Promise<void> => {
  await outbox.transact((tx) => tx.publish(TripRequested, trip));
};
