import { describe, expect, it } from 'vitest';
import { sagas } from '../../cli/commands/sagas.ts';
import { createSagaRig } from '../lib/saga/saga-rig.ts';
import { defineTrip, FlightBooked, HotelBooked, TripAbandoned, TripRequested } from '../lib/saga/trip.ts';
import { createOperation } from './operation-under-test.ts';

/** An operation on the process manager of trips, over memory. */
function createSagaOperation() {
  const rig = createSagaRig(defineTrip({ inSequence: true }));
  const under = createOperation();
  const saga = {
    ...rig.reader,
    name: 'trip',
    runAsTenant: rig.harness.tenancy.runAsTenant,
    requestRetry: async () => 'e9',
  };
  return { ...under, ...rig, operation: { ...under.operation, saga: () => saga } };
}

const TRIP = { tripId: '7' };

const OPTIONS = { saga: 'trip', sagaId: '7', status: undefined, limit: 10, tenantId: undefined } as const;

describe('sagas show', () => {
  it('shows the state of each step, its deadline, and its history', async () => {
    const { when, operation, out, harness } = createSagaOperation();
    await when(TripRequested, TRIP);
    harness.advance(1_000);
    await when(FlightBooked, { ...TRIP, seat: '12A' });

    const status = await sagas({ ...OPTIONS, verb: 'show' }, operation);

    expect(status).toBe(0);
    expect(out).toStrictEqual([
      'saga      7',
      'status    running',
      'version   1',
      'started   2026-01-05T09:00:00.000Z',
      'changed   2026-01-05T09:00:01.000Z',
      'failure',
      'data      {"tripId":"7","seat":"12A"}',
      '',
      'STEP    PHASE      ATTEMPT  DUE',
      'flight  done',
      'hotel   requested  1        2026-01-05T09:01:01.000Z',
      '',
      '#  AT                        WHAT       STEP    STATUS   BECAUSE OF                          SENT',
      '1  2026-01-05T09:00:00.000Z  started            running  com.example.trip.requested event-1  com.example.flight.requested',
      '2  2026-01-05T09:00:01.000Z  step-done  flight  running  com.example.flight.booked event-3   com.example.hotel.requested',
    ]);
  });

  it('reports that an abort waits for the pivot, and which transition came from another version', async () => {
    const { when, operation, out, deploy } = createSagaOperation();
    await when(TripRequested, TRIP);
    await when(FlightBooked, { ...TRIP, seat: '12A' });
    deploy(defineTrip({ version: 2, inSequence: true, migrations: { 1: (saga) => saga } }));
    await when(HotelBooked, TRIP);
    await when(TripAbandoned, TRIP);

    await sagas({ ...OPTIONS, verb: 'show' }, operation);

    expect(out).toContain('abort     requested by com.example.trip.abandoned, waits for the pivot');
    expect(out.filter((line) => line.includes('from version')).join()).toMatch(
      /^3 .* step-done, from version 1 +hotel /,
    );
  });

  it('reports that a saga does not exist', async () => {
    const { operation, notes } = createSagaOperation();

    expect(await sagas({ ...OPTIONS, verb: 'show' }, operation)).toBe(1);
    expect(notes).toStrictEqual(["there is no saga 'trip' of '7': it was never started, or its retention has ended"]);
  });
});

describe('sagas list', () => {
  it('shows unfinished sagas, those that need an operator first, and reports that there may be more', async () => {
    const { when, operation, out, notes } = createSagaOperation();
    for (const tripId of ['1', '2', '3']) await when(TripRequested, { tripId });
    await when(TripAbandoned, { tripId: '3' });

    await sagas({ ...OPTIONS, verb: 'list', limit: 2 }, operation);

    expect(out.map((line) => line.split(/ {2,}/).slice(0, 2))).toStrictEqual([
      ['SAGA', 'STATUS'],
      ['3', 'compensating'],
      ['1', 'running'],
    ]);
    expect(notes).toStrictEqual(['there may be more: --limit 20']);
  });
});
