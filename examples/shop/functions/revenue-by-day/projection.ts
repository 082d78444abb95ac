import { defineCounters } from 'waybill';
import type { Money } from '../money.ts';
import { OrderPlaced } from '../orders/events.ts';
import { PaymentCaptured, PaymentRefunded } from '../payments/events.ts';
import * as z from '../zod.ts';
import { REVENUE_BY_DAY_VIEW } from './table.ts';

/** Amounts are whole minor units (pence, cents). */
const dayRevenueSchema = z.object({
  currency: z.string(),
  day: z.string(),
  orders: z._default(z.int(), 0),
  captured: z._default(z.int(), 0),
  refunded: z._default(z.int(), 0),
});

export type DayRevenue = z.infer<typeof dayRevenueSchema>;

/** Every order of a day meets at one item: in eight parts they seldom do. */
const SHARDS = 8;

const onDay = ({ currency }: Money, time: string) => ({ currency, day: time.slice(0, 'yyyy-mm-dd'.length) });

/** What was ordered, captured and refunded, by the day in UTC on which it happened. */
export const revenueByDay = defineCounters({
  name: 'revenue-by-day',
  events: [OrderPlaced, PaymentCaptured, PaymentRefunded],
  view: REVENUE_BY_DAY_VIEW,
  parse: (item) => dayRevenueSchema.parse(item),
  shards: SHARDS,
  on: {
    'com.example.order.placed': ({ data, time }) => [{ key: onDay(data.total, time), amounts: { orders: 1 } }],
    'com.example.payment.captured': ({ data, time }) => [
      { key: onDay(data.amount, time), amounts: { captured: data.amount.minorUnits } },
    ],
    'com.example.payment.refunded': ({ data, time }) => [
      { key: onDay(data.amount, time), amounts: { refunded: data.amount.minorUnits } },
    ],
  },
});
