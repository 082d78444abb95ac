import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { defineEvent, defineSaga, sagaPublishes, sagaSubscription } from '../../../lib/definitions/index.ts';
import {
  defineTrip,
  FlightBooked,
  FlightCancelled,
  FlightCancelRequested,
  FlightRefused,
  FlightRequested,
  HotelBooked,
  HotelRequested,
  TripRequested,
} from './trip.ts';

const tripSchema = z.object({ tripId: z.string(), nights: z.int() });
const key = ({ tripId }: { readonly tripId: string }) => ({ tripId });
const identity = { name: 'trip', version: 1, data: tripSchema, correlateBy: 'tripId' } as const;
const Uncorrelated = defineEvent({
  type: 'com.example.weather.changed',
  source: '/weather',
  version: 1,
  schema: z.object({ rain: z.boolean() }),
});

const eventOf = (name: string) =>
  defineEvent({ type: `com.example.${name}`, source: '/trips', version: 1, schema: z.object({ tripId: z.string() }) });

const problemsOf = (define: () => unknown): readonly string[] => {
  try {
    define();
  } catch (error) {
    return (error as { readonly problems: readonly string[] }).problems;
  }
  return [];
};

describe('versions served side by side', () => {
  it('are rejected if they belong to different sagas, are the same, or use different instance ids', () => {
    const versionOf = (name: string, correlateBy: 'tripId' | 'bookingId') =>
      defineSaga(
        { name, version: 1, data: z.object({ tripId: z.string(), bookingId: z.string() }), correlateBy },
        ({ start, send, on }) => ({
          startedBy: start(Booked, ({ tripId, bookingId }) => ({ tripId, bookingId })),
          steps: [{ name: 'flight', command: send(Asked, (saga) => saga), success: on(Answered) }],
        }),
      );
    const schema = z.object({ tripId: z.string(), bookingId: z.string() });
    const bookingEvent = (name: string) =>
      defineEvent({ type: `com.example.${name}`, source: '/trips', version: 1, schema });
    const Booked = bookingEvent('booked');
    const Asked = bookingEvent('asked');
    const Answered = bookingEvent('answered');

    expect(
      problemsOf(() => sagaSubscription([versionOf('trip', 'tripId'), versionOf('tour', 'bookingId')])),
    ).toStrictEqual([
      "versions that are served together must have the same name, got 'trip', 'tour'",
      "versions that are served together must have the same correlateBy, got 'tripId', 'bookingId'",
      'versions that are served together must differ, got version 1 more than once',
    ]);
  });
});

describe('an invalid saga declaration', () => {
  const same = (saga: z.infer<typeof tripSchema>) => saga;
  const step = {
    name: 'flight',
    command: { event: FlightRequested, dataOf: key },
    success: { event: FlightBooked, evolve: same },
  };
  const declare = (change: object, identityChange: object = {}) =>
    problemsOf(() =>
      // as code that nobody has type-checked: the local run strips the types
      defineSaga<string, { tripId: string; nights: number }, 'tripId'>(
        { ...identity, ...identityChange },
        ({ start }) =>
          Object.assign(
            { startedBy: start(TripRequested, ({ tripId }) => ({ tripId, nights: 1 })), steps: [step] },
            change,
          ),
      ),
    );

  it('has a valid base declaration', () => {
    expect(declare({})).toStrictEqual([]);
  });

  it.each<[string, object, string]>([
    [
      'a misspelt option of a step',
      { steps: [{ ...step, timeoutSecond: 60 }] },
      "step 'flight' must only have the members name, command, success, failure, compensation, timeoutSeconds, onTimeout, pivot, got 'timeoutSecond'",
    ],
    [
      'a misspelt compensation',
      { steps: [{ ...step, compensaton: {} }] },
      "step 'flight' must only have the members name, command, success, failure, compensation, timeoutSeconds, onTimeout, pivot, got 'compensaton'",
    ],
    [
      'a misspelt member of the behaviour',
      { answer: {} },
      "the behaviour must only have the members startedBy, steps, abortedBy, answers, got 'answer'",
    ],
    ['no steps', { steps: undefined }, 'steps must be a list of steps'],
    [
      'an event without its word',
      { steps: [{ ...step, command: FlightRequested }] },
      "command of step 'flight' must be created by send(event, …) with an event from defineEvent",
    ],
    [
      'no command',
      { steps: [{ ...step, command: undefined }] },
      "command of step 'flight' must be created by send(event, …) with an event from defineEvent",
    ],
    [
      'an event that is not there',
      { steps: [{ ...step, success: [step.success, { event: undefined, evolve: same }] }] },
      "success of step 'flight' must be created by on(event, …) with an event from defineEvent",
    ],
    [
      'another policy for timeouts',
      { steps: [{ ...step, onTimeout: 'retry' }] },
      "onTimeout of step 'flight' must be 'compensate' or { sendAgain: … }, got \"retry\"",
    ],
    [
      'a compensation in parallel steps that has no command',
      { steps: [{ parallel: [{ ...step, compensation: { success: step.success } }] }] },
      "command of the compensation of step 'flight' must be created by send(event, …) with an event from defineEvent",
    ],
    [
      'an answer without its word',
      { answers: { failed: FlightRefused } },
      'failed of answers must be created by sendFailure(event, …) with an event from defineEvent',
    ],
    [
      'a step without a name',
      { steps: [{ ...step, name: undefined }] },
      "the name of a step must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got 'undefined'",
    ],
  ])('is refused: %s', (_, change, problem) => {
    expect(declare(change)).toStrictEqual([problem]);
  });

  it.each<[string, object, string]>([
    [
      'a misspelt member of the identity',
      { retention: 60 },
      "the saga must only have the members name, version, data, correlateBy, migrations, unknownSagas, retentionDays, got 'retention'",
    ],
    [
      'no name',
      { name: undefined },
      "name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got 'undefined'",
    ],
    [
      'another policy for unknown sagas',
      { unknownSagas: 'skip' },
      "unknownSagas must be 'ignore' or 'fail', got 'skip'",
    ],
  ])('is refused: %s', (_, change, problem) => {
    expect(declare({}, change)).toStrictEqual([problem]);
  });
});

describe('defineSaga', () => {
  it('derives the subscription: its events, its timers and operators’ requests', () => {
    const subscription = sagaSubscription(defineTrip());

    expect(subscription.name).toBe('trip');
    expect(subscription.ordering).toBe('strict');
    expect(subscription.events.map(({ type }) => type).toSorted()).toStrictEqual([
      'com.example.flight.booked',
      'com.example.flight.cancel-refused',
      'com.example.flight.cancelled',
      'com.example.flight.refused',
      'com.example.hotel.booked',
      'com.example.hotel.cancel-refused',
      'com.example.hotel.cancelled',
      'com.example.hotel.refused',
      'com.example.payment.called-off',
      'com.example.payment.paid',
      'com.example.payment.refused',
      'com.example.ticket.sent',
      'com.example.trip.abandoned',
      'com.example.trip.requested',
      'waybill.saga.trip.retry-requested',
      'waybill.saga.trip.timer-due',
    ]);
  });

  it('derives what it publishes: commands, compensations and answers', () => {
    expect(sagaPublishes(defineTrip()).map(({ type }) => type)).toStrictEqual([
      'com.example.flight.requested',
      'com.example.flight.cancel-requested',
      'com.example.hotel.requested',
      'com.example.hotel.cancel-requested',
      'com.example.payment.requested',
      'com.example.payment.call-off-requested',
      'com.example.ticket.requested',
      'com.example.trip.booked',
      'com.example.trip.failed',
    ]);
  });

  it('infers the data of the saga and of each event', () => {
    defineSaga(identity, ({ start, send, on }) => ({
      startedBy: start(TripRequested, (event) => {
        expectTypeOf(event).toEqualTypeOf<{ tripId: string }>();
        return { tripId: event.tripId, nights: 1 };
      }),
      steps: [
        {
          name: 'flight',
          command: send(FlightRequested, (saga) => {
            expectTypeOf(saga).toEqualTypeOf<{ tripId: string; nights: number }>();
            return { tripId: saga.tripId };
          }),
          success: on(FlightBooked, (saga, event) => {
            expectTypeOf(event.seat).toBeString();
            return saga;
          }),
        },
      ],
    }));
  });

  it('refuses at compile time what does not fit', () => {
    const compiled = () => [
      // @ts-expect-error nights is no text that could name an instance
      defineSaga({ ...identity, correlateBy: 'nights' }, () => ({ startedBy: [], steps: [] })),
      defineSaga(identity, ({ start, send, on }) => ({
        // @ts-expect-error the data lack nights
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId })),
        steps: [
          {
            name: 'flight',
            // @ts-expect-error the event's data lack the trip
            command: send(FlightRequested, () => ({})),
            // @ts-expect-error the event does not say which trip it is about
            success: on(Uncorrelated),
          },
        ],
      })),
    ];

    expect(compiled).toBeTypeOf('function');
  });

  it('rejects a saga without steps and starts', () => {
    const define = () => defineSaga({ ...identity, name: 'No Name', version: 0 }, () => ({ startedBy: [], steps: [] }));

    expect(define).toThrow(expect.objectContaining({ code: 'CONTRACT_INVALID' }));
    expect(problemsOf(define)).toStrictEqual([
      "name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got 'No Name'",
      'version must be a whole number from 1, got 0',
      'startedBy must name at least one event, got none',
      'steps must name at least one step, got none',
    ]);
  });

  it('rejects numbers out of range, duplicate names and missing migrations, all in one error', () => {
    const define = () =>
      defineSaga(
        { ...identity, version: 4, migrations: { 1: (saga) => saga, 4: (saga) => saga }, retentionDays: 7 },
        ({ start, send, on }) => ({
          startedBy: start(TripRequested, ({ tripId }) => ({ tripId, nights: 1 })),
          steps: [
            {
              name: 'flight',
              command: send(FlightRequested, key),
              success: on(FlightBooked),
              timeoutSeconds: 59,
              compensation: {
                command: send(FlightCancelRequested, key),
                success: on(FlightCancelled),
                maxAttempts: 0,
                retryDelaySeconds: 90_000,
              },
            },
            {
              name: 'flight',
              command: send(HotelRequested, key),
              success: on(HotelBooked),
              onTimeout: { sendAgain: 101 },
            },
          ],
        }),
      );

    expect(problemsOf(define)).toStrictEqual([
      'retentionDays must be a whole number of days from 30 to 3650, got 7',
      'migrations must start from versions 1 to 3, got 4',
      'migrations must lead from 1 to 4 without a gap: the one from 2 is missing',
      'migrations must lead from 1 to 4 without a gap: the one from 3 is missing',
      "steps must have different names, got 'flight' more than once",
      "timeoutSeconds of step 'flight' must be a whole number of seconds from 60 to 31536000, got 59",
      "maxAttempts of the compensation of step 'flight' must be a whole number of attempts from 1 to 100, got 0",
      "retryDelaySeconds of the compensation of step 'flight' must be a whole number of seconds from 60 to 86400, got 90000",
      "sendAgain of step 'flight' must be a whole number of times from 0 to 100, got 101",
    ]);
  });

  it('rejects an event with two roles, and one that the saga publishes itself', () => {
    const define = () =>
      defineSaga(identity, ({ start, send, on }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId, nights: 1 })),
        steps: [
          { name: 'flight', command: send(FlightRequested, key), success: on(FlightBooked) },
          { name: 'hotel', command: send(HotelBooked, key), success: [on(HotelBooked), on(FlightBooked)] },
        ],
      }));

    expect(problemsOf(define)).toStrictEqual([
      "each event must have one meaning, got 'com.example.flight.booked' as success of step 'flight' and as success of step 'hotel': use separate events",
      "a saga must not subscribe to an event that it sends, got 'com.example.hotel.booked' from '/trips' as both",
    ]);
  });

  it('rejects a pivot that can time out, is not alone, or is followed by a step with a compensation', () => {
    const define = () =>
      defineSaga(identity, ({ start, send, on, parallel }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId, nights: 1 })),
        steps: [
          parallel([
            {
              name: 'flight',
              command: send(FlightRequested, key),
              success: on(FlightBooked),
              pivot: true,
              onTimeout: 'compensate',
            },
          ]),
          { name: 'hotel', command: send(HotelRequested, key), success: on(HotelBooked), failure: on(FlightRefused) },
        ],
      }));

    expect(problemsOf(define)).toStrictEqual([
      "step 'flight' is the pivot and has no compensation: onTimeout must be { sendAgain: 'until-answered' }, because no step may be compensated while its outcome is unknown; or add a compensation that cancels it",
      "step 'hotel' comes after the pivot 'flight', after which nothing is compensated: it must have no failure, no compensation and onTimeout { sendAgain: 'until-answered' }; or move it before the pivot",
    ]);
  });

  it('rejects a pivot beside other steps', () => {
    const define = () =>
      defineSaga(identity, ({ start, send, on, parallel }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId, nights: 1 })),
        steps: [
          parallel([
            { name: 'hotel', command: send(HotelRequested, key), success: on(HotelBooked) },
            { name: 'flight', command: send(FlightRequested, key), success: on(FlightBooked), pivot: true },
          ]),
        ],
      }));

    expect(problemsOf(define)).toStrictEqual([
      "a pivot must be the only step of its stage, got it with 'hotel', 'flight': move it out of parallel(...)",
    ]);
  });

  it('rejects more parallel steps than fit into one transaction', () => {
    const define = (steps: number) => () =>
      defineSaga(identity, ({ start, send, on, parallel }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId, nights: 1 })),
        steps: [
          parallel(
            Array.from({ length: steps }, (_, index) => ({
              name: `leg-${index}`,
              command: send(eventOf(`${index}.asked`), key),
              success: on(eventOf(`${index}.done`)),
            })),
          ),
        ],
      }));

    expect(problemsOf(define(30))).toStrictEqual([]);
    expect(problemsOf(define(31))).toStrictEqual([
      'parallel(...) must name 30 steps at most, because their commands are committed together, got 31: split them into several stages',
    ]);
  });
});
