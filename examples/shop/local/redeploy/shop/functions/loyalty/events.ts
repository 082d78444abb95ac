import { defineEvent } from 'waybill';
import { orderGroup } from '../../../../../functions/order-group.ts';
import * as z from '../../../../../functions/zod.ts';

const TYPE = 'com.example.points.granted';
const SOURCE = '/loyalty';

const points = { orderId: z.string(), customerId: z.string(), points: z.int().check(z.nonnegative()) } as const;

/** A customer has earned points with an order. */
export const PointsGranted = defineEvent({
  type: TYPE,
  source: SOURCE,
  version: 1,
  schema: z.object(points),
  group: orderGroup,
});

const schemaOf2 = z.object({ ...points, reason: z.enum(['shipment', 'payment', 'untold']) });

/** The same, and what for. */
export const PointsGranted2 = defineEvent({
  type: TYPE,
  source: SOURCE,
  version: 2,
  schema: schemaOf2,
  group: orderGroup,
  upcasters: { 1: (data) => ({ ...Object(data), reason: 'untold' }) },
});

/** Version 2 as it must not be deployed: version 1 is under way. */
export const PointsGranted2WithoutUpcaster = defineEvent({
  type: TYPE,
  source: SOURCE,
  version: 2,
  schema: schemaOf2,
  group: orderGroup,
});
