import * as z from 'zod';
import { defineEvent } from '../../../lib/definitions/index.ts';

/** What the desk makes of a wish for a room; `asleep`: it never answers. */
export const ROOMS = ['free', 'taken', 'asleep'] as const;

const tripEvent = <const Type extends string, Data extends { readonly tripId: string }>(
  type: Type,
  schema: z.ZodType<Data, Data>,
) =>
  defineEvent({
    type: `com.example.${type}`,
    source: '/trips',
    version: 1,
    schema,
    group: ({ tripId }) => `trip#${tripId}`,
  });

const trip = z.object({ tripId: z.string() });

export const TripRequested = tripEvent('trip.requested', trip.extend({ room: z.enum(ROOMS) }));
export const TripBooked = tripEvent('trip.booked', trip);
export const TripFailed = tripEvent('trip.failed', trip.extend({ reason: z.string() }));

export const SeatRequested = tripEvent('seat.requested', trip);
export const SeatReserved = tripEvent('seat.reserved', trip.extend({ seat: z.string() }));
export const SeatReleaseRequested = tripEvent('seat.release-requested', trip.extend({ seat: z.string() }));
export const SeatReleased = tripEvent('seat.released', trip);

export const RoomRequested = tripEvent('room.requested', trip.extend({ room: z.enum(ROOMS) }));
export const RoomReserved = tripEvent('room.reserved', trip);
export const RoomRefused = tripEvent('room.refused', trip);
export const RoomReleaseRequested = tripEvent('room.release-requested', trip);
export const RoomReleased = tripEvent('room.released', trip);
