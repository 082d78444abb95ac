import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  defineEvent,
  defineSaga,
  type SagaMigration,
  sagaPublishes,
  sagaSubscription,
} from '../../../lib/definitions/index.ts';
import { createSagaRig, sent } from './saga-rig.ts';
import {
  FlightBooked,
  FlightCancelled,
  FlightCancelRequested,
  FlightRefused,
  FlightRequested,
  HotelBooked,
  HotelRefused,
  HotelRequested,
  TripRequested,
} from './trip.ts';

const TRIP = { tripId: '7' };

interface Named {
  readonly version?: number;
  readonly steps?: readonly [string, string];
  readonly migrations?: Readonly<Record<number, SagaMigration>>;
}

/** Steps, one after another, by these names. */
const named = ({ version = 1, steps = ['constructor', 'proto'], migrations = {} }: Named = {}) =>
  defineSaga(
    {
      name: 'trip',
      version,
      data: z.object({
        tripId: z.string(),
        constructor: z.string(),
        toString: z.string(),
        seat: z.string().optional(),
      }),
      correlateBy: 'tripId',
      migrations,
    },
    ({ start, send, sendFailure, on }) => ({
      startedBy: start(TripRequested, ({ tripId }) => ({ tripId, constructor: 'Airbus', toString: 'A320' })),
      steps: [
        {
          name: steps[0],
          command: send(FlightRequested, ({ tripId }) => ({ tripId })),
          success: on(FlightBooked, (saga, { seat }) => ({ ...saga, seat })),
          failure: on(FlightRefused),
          compensation: {
            command: sendFailure(FlightCancelRequested, ({ tripId }) => ({ tripId })),
            success: on(FlightCancelled),
          },
        },
        {
          name: steps[1],
          command: send(HotelRequested, ({ tripId }) => ({ tripId })),
          success: on(HotelBooked),
          failure: on(HotelRefused),
        },
      ],
    }),
  );

describe('a saga with names of inherited object members', () => {
  it('performs its steps, and compensates them', async () => {
    const { when, reader } = createSagaRig(named());

    await when(TripRequested, TRIP);
    await when(FlightBooked, { ...TRIP, seat: '12A' });
    await when(HotelRefused, TRIP);
    const { kind } = await when(FlightCancelled, TRIP);

    expect(kind).toBe('handled');
    const saga = await reader.status('7');
    expect(saga?.status).toBe('compensated');
    expect(Object.entries(saga?.steps ?? {}).map(([name, { phase }]) => [name, phase])).toStrictEqual([
      ['constructor', 'compensated'],
      ['proto', 'refused'],
    ]);
    expect({ ...Object(saga?.data) }).toStrictEqual({
      tripId: '7',
      constructor: 'Airbus',
      toString: 'A320',
      seat: '12A',
    });
  });

  it('does not treat a step as requested because objects inherit a member of its name', async () => {
    const { when, deploy, reader } = createSagaRig(named({ steps: ['first', 'second'] }));
    await when(TripRequested, TRIP);
    deploy(
      named({
        version: 2,
        steps: ['first', 'constructor'],
        migrations: { 1: ({ data, steps }) => ({ data, steps }) },
      }),
    );

    const outcome = await when(FlightBooked, { ...TRIP, seat: '1A' });

    expect(sent(outcome)).toStrictEqual(['hotel.requested']);
    expect((await reader.status('7'))?.steps['constructor']).toMatchObject({ phase: 'requested' });
  });

  it('refuses a correlation member that no object can have', () => {
    const identity = {
      name: 'trip',
      version: 1,
      data: z.object({ tripId: z.string() }),
      correlateBy: 'tripId',
    } as const;
    const define = () =>
      defineSaga({ ...identity, correlateBy: '__proto__' as 'tripId' }, ({ start, send, on }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId })),
        steps: [
          { name: 'flight', command: send(FlightRequested, ({ tripId }) => ({ tripId })), success: on(FlightBooked) },
        ],
      }));

    expect(define).toThrow("correlateBy must name a member of the data, got '__proto__'");
  });
});

/** The same word, said by somebody else. */
const OthersFlightBooked = defineEvent({
  type: FlightBooked.type,
  source: '/other-flights',
  version: 1,
  schema: FlightBooked.schema,
  group: ({ tripId }) => `trip#${tripId}`,
});

describe('an event of the same type from another source', () => {
  it('is not a reply: the saga skips it and handles its own', async () => {
    const { when, harness, reader } = createSagaRig(named());
    await when(TripRequested, TRIP);
    await harness.publish(OthersFlightBooked, { ...TRIP, seat: '99Z' });

    const own = await when(FlightBooked, { ...TRIP, seat: '12A' });

    expect(own.kind).toBe('handled');
    expect({ ...Object((await reader.status('7'))?.data) }).toMatchObject({ seat: '12A' });
    expect((await reader.history('7')).items.map(({ cause }) => cause.id)).toHaveLength(2);
  });

  const taking = (version: number, event: typeof FlightBooked) =>
    defineSaga(
      { name: 'trip', version, data: z.object({ tripId: z.string() }), correlateBy: 'tripId' },
      ({ start, send, on }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId })),
        steps: [{ name: 'flight', command: send(FlightRequested, ({ tripId }) => ({ tripId })), success: on(event) }],
      }),
    );

  it('is refused if two versions are served together', () => {
    const subscribe = () =>
      sagaSubscription([taking(1, FlightBooked), taking(2, OthersFlightBooked as typeof FlightBooked)]);

    expect(subscribe).toThrow(
      "versions that are served together must receive 'com.example.flight.booked' from one source, got '/flights', '/other-flights': use a new type for the newer event",
    );
  });

  it('can be published by the saga that handles the other', () => {
    const saga = defineSaga(
      { name: 'trip', version: 1, data: z.object({ tripId: z.string() }), correlateBy: 'tripId' },
      ({ start, send, on }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId })),
        steps: [
          { name: 'flight', command: send(FlightRequested, ({ tripId }) => ({ tripId })), success: on(FlightBooked) },
        ],
        answers: { completed: send(OthersFlightBooked, ({ tripId }) => ({ tripId, seat: '1A' })) },
      }),
    );

    expect(sagaPublishes(saga).map(({ source, type }) => [source, type])).toStrictEqual([
      ['/trips', 'com.example.flight.requested'],
      ['/other-flights', 'com.example.flight.booked'],
    ]);
  });
});
