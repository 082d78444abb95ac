import { createConsumer, handlersFor } from '../../../../lib/consumer/index.ts';
import { createConsumerRuntime } from '../../../../lib/runtime/consumer-runtime.ts';
import { RoomRefused, RoomReleased, RoomReserved, SeatReleased, SeatReserved } from '../events.ts';
import { desk } from './subscription.ts';

/** The trip whose seat stays taken. */
const NEVER_RELEASED = 'stuck';

const handlers = handlersFor(desk, {
  'com.example.seat.requested': ({ data: { tripId } }, { tx }) => tx.publish(SeatReserved, { tripId, seat: '12A' }),
  'com.example.seat.release-requested': ({ data: { tripId } }, { tx }) => {
    if (tripId !== NEVER_RELEASED) tx.publish(SeatReleased, { tripId });
  },
  'com.example.room.requested': ({ data: { tripId, room } }, { tx }) => {
    if (room === 'free') tx.publish(RoomReserved, { tripId });
    if (room === 'taken') tx.publish(RoomRefused, { tripId });
  },
  'com.example.room.release-requested': ({ data: { tripId } }, { tx }) => tx.publish(RoomReleased, { tripId }),
  'com.example.trip.booked': ({ data }, { log }) => log.info('trip booked', { trip_id: data.tripId }),
  'com.example.trip.failed': ({ data }, { log }) => log.info('trip failed', { trip_id: data.tripId }),
});

export const handler = createConsumer(handlers, createConsumerRuntime(desk, process.env));
