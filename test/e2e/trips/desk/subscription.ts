import { defineSubscription } from '../../../../lib/definitions/index.ts';
import {
  RoomReleaseRequested,
  RoomRequested,
  SeatReleaseRequested,
  SeatRequested,
  TripBooked,
  TripFailed,
} from '../events.ts';

/** Answers the saga's commands, and hears how it ended. */
export const desk = defineSubscription({
  name: 'desk',
  events: [SeatRequested, SeatReleaseRequested, RoomRequested, RoomReleaseRequested, TripBooked, TripFailed],
});
