import * as z from 'zod';
import { defineEvent, defineSaga, type SagaMigration } from '../../../lib/definitions/index.ts';

const schema = z.object({ tripId: z.string() });

const tripEvent = <const Type extends string>(name: Type) =>
  defineEvent({
    type: `com.example.${name}`,
    source: '/trips',
    version: 1,
    schema,
    group: ({ tripId }) => `trip#${tripId}`,
  });

export const TripRequested = tripEvent('trip.requested');
export const TripAbandoned = tripEvent('trip.abandoned');
export const TripBooked = tripEvent('trip.booked');
export const TripFailed = defineEvent({
  type: 'com.example.trip.failed',
  source: '/trips',
  version: 1,
  schema: z.object({ tripId: z.string(), reason: z.string() }),
  group: ({ tripId }) => `trip#${tripId}`,
});

export const FlightRequested = tripEvent('flight.requested');
export const FlightBooked = defineEvent({
  type: 'com.example.flight.booked',
  source: '/flights',
  version: 1,
  schema: z.object({ tripId: z.string(), seat: z.string() }),
  group: ({ tripId }) => `trip#${tripId}`,
});
export const FlightRefused = tripEvent('flight.refused');
export const FlightCancelRequested = tripEvent('flight.cancel-requested');
export const FlightCancelled = tripEvent('flight.cancelled');
export const FlightCancelRefused = tripEvent('flight.cancel-refused');

export const HotelRequested = tripEvent('hotel.requested');
export const HotelBooked = tripEvent('hotel.booked');
export const HotelRefused = tripEvent('hotel.refused');
export const HotelCancelRequested = tripEvent('hotel.cancel-requested');
export const HotelCancelled = tripEvent('hotel.cancelled');
export const HotelCancelRefused = tripEvent('hotel.cancel-refused');

const PaymentRequested = tripEvent('payment.requested');
export const Paid = tripEvent('payment.paid');
export const PaymentRefused = tripEvent('payment.refused');
const PaymentCallOffRequested = tripEvent('payment.call-off-requested');
export const PaymentCalledOff = tripEvent('payment.called-off');

export const TicketRequested = tripEvent('ticket.requested');
export const TicketSent = tripEvent('ticket.sent');

const tripSchema = z.object({ tripId: z.string(), seat: z.string().optional() });

const key = ({ tripId }: { readonly tripId: string }) => ({ tripId });

interface TripOptions {
  readonly version?: number;
  /** Side by side, as long as it is not said otherwise. */
  readonly inSequence?: boolean;
  readonly unknownSagas?: 'ignore' | 'fail';
  readonly migrations?: Readonly<Record<number, SagaMigration>>;
}

/** Flight and hotel, then the payment as pivot, which can be called off, then the ticket. */
export const defineTrip = ({
  version = 1,
  inSequence = false,
  unknownSagas = 'ignore',
  migrations = {},
}: TripOptions = {}) =>
  defineSaga(
    { name: 'trip', version, data: tripSchema, correlateBy: 'tripId', unknownSagas, migrations },
    ({ start, send, sendFailure, on, parallel }) => {
      const flight = {
        name: 'flight',
        command: send(FlightRequested, key),
        success: on(FlightBooked, (saga, { seat }) => ({ ...saga, seat })),
        failure: on(FlightRefused),
        onTimeout: { sendAgain: 1 },
        compensation: {
          command: send(FlightCancelRequested, key),
          success: on(FlightCancelled),
          failure: on(FlightCancelRefused),
          maxAttempts: 3,
        },
      } as const;
      const hotel = {
        name: 'hotel',
        command: send(HotelRequested, key),
        success: on(HotelBooked),
        failure: on(HotelRefused),
        timeoutSeconds: 60,
        compensation: {
          command: sendFailure(HotelCancelRequested, key),
          success: on(HotelCancelled),
          failure: on(HotelCancelRefused),
          maxAttempts: 2,
          timeoutSeconds: 120,
          retryDelaySeconds: 60,
        },
      } as const;
      return {
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId })),
        steps: [
          ...(inSequence ? [flight, hotel] : [parallel([flight, hotel])]),
          {
            name: 'payment',
            command: send(PaymentRequested, key),
            success: on(Paid),
            failure: on(PaymentRefused),
            pivot: true,
            onTimeout: { sendAgain: 1 },
            compensation: { command: send(PaymentCallOffRequested, key), success: on(PaymentCalledOff) },
          },
          { name: 'ticket', command: send(TicketRequested, key), success: on(TicketSent) },
        ],
        abortedBy: on(TripAbandoned),
        answers: {
          completed: send(TripBooked, key),
          failed: sendFailure(TripFailed, ({ tripId }, failure) => ({
            tripId,
            reason: failure.kind === 'aborted' ? 'abandoned' : `${failure.step} ${failure.kind}`,
          })),
        },
      };
    },
  );
