import * as z from 'zod';

/** The event as a team declares it that has no library for events: the members that its consumer reads. */
export const happenedSchema = z.object({
  id: z.string(),
  source: z.string(),
  type: z.literal('com.example.bench.happened'),
  time: z.string(),
  partitionkey: z.string(),
  sequence: z.number(),
  data: z.object({ accountId: z.string(), filler: z.string() }),
});

export type Happened = z.infer<typeof happenedSchema>;

export const SOURCE = '/bench';
export const TYPE = 'com.example.bench.happened';
