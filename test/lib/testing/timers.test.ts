import { describe, expect, it } from 'vitest';
import { handlersFor } from '../../../lib/consumer/index.ts';
import { defineSubscription, SAGAS_TABLE } from '../../../lib/definitions/index.ts';
import { createSagaHandlers, parseSagaItem } from '../../../lib/saga/index.ts';
import { createHarness, createSilentMetrics } from '../../../lib/testing/index.ts';
import {
  defineTrip,
  FlightBooked,
  FlightCancelled,
  FlightCancelRequested,
  FlightRequested,
  HotelCancelled,
  HotelCancelRequested,
  HotelRequested,
  TripFailed,
  TripRequested,
} from '../saga/trip.ts';

/** Flights are booked at once; the hotel never answers a request. */
const travel = defineSubscription({
  name: 'travel',
  events: [FlightRequested, FlightCancelRequested, HotelRequested, HotelCancelRequested],
});

function createTrips() {
  const trips = createHarness({ tables: { sagas: SAGAS_TABLE } });
  const table = trips.table('sagas', parseSagaItem);
  const { timers, clock } = trips;
  trips.serve(createSagaHandlers(defineTrip(), { table, timers, clock, metrics: createSilentMetrics('trip') }));
  trips.serve(
    handlersFor(travel, {
      'com.example.flight.requested': ({ data }, { tx }) => tx.publish(FlightBooked, { ...data, seat: '12A' }),
      'com.example.flight.cancel-requested': ({ data }, { tx }) => tx.publish(FlightCancelled, data),
      'com.example.hotel.requested': () => undefined,
      'com.example.hotel.cancel-requested': ({ data }, { tx }) => tx.publish(HotelCancelled, data),
    }),
  );
  return trips;
}

describe('the timers of sagas', () => {
  it('fire when the clock reaches their time', async () => {
    const trips = createTrips();
    await trips.publish(TripRequested, { tripId: '7' });

    await trips.runToEnd();
    const before = trips.events(TripFailed);
    trips.advance(60_000);
    await trips.runToEnd();

    expect(before).toStrictEqual([]);
    expect(trips.events(TripFailed)).toHaveLength(1);
    expect(trips.events(FlightCancelled)).toHaveLength(1);
  });

  it('carry who caused the saga on to what it does when they fire', async () => {
    const trips = createTrips();
    await trips.publish(TripRequested, { tripId: '7' }, { principal: { type: 'app_user', id: 'user-7' } });
    await trips.publish(TripRequested, { tripId: '8' });

    await trips.runToEnd({ untilTimers: true });

    const failed = trips.events(TripFailed).map(({ data, authtype, authid }) => [data.tripId, authtype, authid]);
    expect(failed.toSorted()).toStrictEqual([
      ['7', 'app_user', 'user-7'],
      ['8', undefined, undefined],
    ]);
  });

  it.each([1, 2, 3])('fire automatically if the run waits for them, also after crashes (seed %i)', async (seed) => {
    const trips = createTrips();
    await trips.publish(TripRequested, { tripId: '7' });

    const { deadLetters } = await trips.runToEnd({ seed, untilTimers: true, duplicates: 0.3, crashes: 0.2 });

    expect(deadLetters).toStrictEqual([]);
    expect(trips.events(TripFailed)).toHaveLength(1);
    expect(trips.events(FlightCancelled)).toHaveLength(1);
  });
});
