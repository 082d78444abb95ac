import * as z from 'zod';
import { defineEvent, defineSubscription, type Ordering } from '../../lib/definitions/index.ts';

/** The one event of the bench: as large as its filler makes it. */
export const Happened = defineEvent({
  type: 'com.example.bench.happened',
  source: '/bench',
  version: 1,
  schema: z.object({ accountId: z.string(), filler: z.string() }),
  group: (data) => `account#${data.accountId}`,
});

export const benchSubscription = (name: string, ordering: Ordering) =>
  defineSubscription({ name, events: [Happened], ordering });
