import * as z from 'zod/mini';
import { defineEvent } from '../../../lib/definitions/index.ts';

export const ParcelMoved = defineEvent({
  type: 'com.example.parcel.moved',
  source: '/carrier',
  version: 1,
  schema: z.object({ parcel: z.string(), status: z.string() }),
  group: ({ parcel }) => `parcel#${parcel}`,
});
