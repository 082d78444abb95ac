import * as z from 'zod';
import { defineEvent } from '../../../lib/contracts/index.ts';
import { moneySchema } from '../money.ts';
import { orderGroup } from '../order-group.ts';

export const PaymentCaptured = defineEvent({
  type: 'com.example.payment.captured',
  source: '/payments',
  version: 1,
  schema: z.object({ orderId: z.string(), paymentId: z.string(), amount: moneySchema }),
  group: orderGroup,
  subject: (data) => data.orderId,
});
