import { defineSaga, type SagaFailure } from 'waybill';
import { InventoryInsufficient, InventoryReleased, InventoryReserved } from '../inventory/events.ts';
import { moneySchema } from '../money.ts';
import type { CancellationReason } from '../orders/cancellation-reason.ts';
import { OrderCancellationRequested, OrderPlaced, orderLineSchema } from '../orders/events.ts';
import { PaymentCaptured, PaymentFailed, PaymentRefunded } from '../payments/events.ts';
import { paymentMethodSchema } from '../payments/payment-method.ts';
import { ShipmentCancelled, ShipmentCreated } from '../shipping/events.ts';
import * as z from '../zod.ts';
import {
  InventoryReleaseRequested,
  InventoryReservationRequested,
  OrderFulfilled,
  OrderFulfilmentFailed,
  PaymentCaptureRequested,
  PaymentRefundRequested,
  ShipmentRequested,
} from './events.ts';

const fulfilmentSchema = z.object({
  orderId: z.string(),
  lines: z.array(orderLineSchema).check(z.minLength(1)),
  total: moneySchema,
  /** Of instances that were started with them. */
  paymentMethod: z.optional(paymentMethodSchema),
  customerId: z.optional(z.string()),
  destination: z.optional(z.string()),
});

/** The fraud check may hold a payment until a person decides, over a long weekend, too. */
const REVIEW_SECONDS = 7 * 24 * 60 * 60;

const orderOf = ({ orderId }: { readonly orderId: string }) => ({ orderId });

/** What a refusal of each step means for the order. */
const REASON_OF_STEP: Readonly<Record<string, CancellationReason>> = {
  payment: 'payment',
  stock: 'stock',
  shipment: 'carrier',
};

function reasonOf(failure: SagaFailure): CancellationReason {
  if (failure.kind === 'aborted') return 'customer';
  return failure.kind === 'timeout' ? 'timeout' : (REASON_OF_STEP[failure.step] ?? 'timeout');
}

/**
 * Takes an order from its payment to its shipment, or undoes what was done for it. The shipment decides: it is asked
 * for until it is answered, since nobody may give the money back for what is on its way.
 */
export const orderFulfilment = defineSaga(
  { name: 'order-fulfilment', version: 1, data: fulfilmentSchema, correlateBy: 'orderId' },
  ({ start, send, sendFailure, on }) => ({
    startedBy: start(OrderPlaced, ({ orderId, lines, total, paymentMethod, customerId, destination }) => ({
      orderId,
      lines,
      total,
      paymentMethod,
      customerId,
      destination,
    })),
    steps: [
      {
        name: 'payment',
        command: send(PaymentCaptureRequested, ({ lines: _, total, ...due }) => ({ ...due, amount: total })),
        success: on(PaymentCaptured),
        failure: on(PaymentFailed),
        timeoutSeconds: REVIEW_SECONDS,
        compensation: { command: send(PaymentRefundRequested, orderOf), success: on(PaymentRefunded) },
      },
      {
        name: 'stock',
        command: send(InventoryReservationRequested, ({ orderId, lines }) => ({ orderId, lines })),
        success: on(InventoryReserved),
        failure: on(InventoryInsufficient),
        compensation: { command: send(InventoryReleaseRequested, orderOf), success: on(InventoryReleased) },
      },
      {
        name: 'shipment',
        command: send(ShipmentRequested, ({ orderId, lines }) => ({ orderId, lines })),
        success: on(ShipmentCreated),
        failure: on(ShipmentCancelled),
        pivot: true,
      },
    ],
    abortedBy: on(OrderCancellationRequested),
    answers: {
      completed: send(OrderFulfilled, orderOf),
      failed: sendFailure(OrderFulfilmentFailed, ({ orderId }, failure) => ({ orderId, reason: reasonOf(failure) })),
    },
  }),
);
