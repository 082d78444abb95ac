import * as z from 'zod';
import { defineSaga } from '../../../lib/definitions/index.ts';
import {
  ROOMS,
  RoomRefused,
  RoomReleased,
  RoomReleaseRequested,
  RoomRequested,
  RoomReserved,
  SeatReleased,
  SeatReleaseRequested,
  SeatRequested,
  SeatReserved,
  TripBooked,
  TripFailed,
  TripRequested,
} from './events.ts';

const tripSchema = z.object({ tripId: z.string(), room: z.enum(ROOMS), seat: z.string() });

export const trips = defineSaga(
  { name: 'trips', version: 1, data: tripSchema, correlateBy: 'tripId' },
  ({ start, send, sendFailure, on }) => ({
    startedBy: start(TripRequested, ({ tripId, room }) => ({ tripId, room, seat: '' })),
    steps: [
      {
        name: 'seat',
        command: send(SeatRequested, ({ tripId }) => ({ tripId })),
        success: on(SeatReserved, (saga, { seat }) => ({ ...saga, seat })),
        compensation: {
          command: send(SeatReleaseRequested, ({ tripId, seat }) => ({ tripId, seat })),
          success: on(SeatReleased),
          maxAttempts: 2,
        },
      },
      {
        name: 'room',
        command: send(RoomRequested, ({ tripId, room }) => ({ tripId, room })),
        success: on(RoomReserved),
        failure: on(RoomRefused),
        timeoutSeconds: 600,
        compensation: {
          command: send(RoomReleaseRequested, ({ tripId }) => ({ tripId })),
          success: on(RoomReleased),
        },
      },
    ],
    answers: {
      completed: send(TripBooked, ({ tripId }) => ({ tripId })),
      failed: sendFailure(TripFailed, ({ tripId }, { kind }) => ({ tripId, reason: kind })),
    },
  }),
);
