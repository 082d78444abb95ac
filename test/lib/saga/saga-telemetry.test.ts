import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { HandlerContext } from '../../../lib/consumer/index.ts';
import {
  defineSaga,
  type EventDefinition,
  type EventInputOf,
  SAGAS_TABLE,
  type SagaVersions,
  sagaRetryRequested,
  sagaTimerDue,
} from '../../../lib/definitions/index.ts';
import { createSagaHandlers, parseSagaItem } from '../../../lib/saga/index.ts';
import { createInMemorySagaTimers } from '../../../lib/testing/in-memory-saga-timers.ts';
import { createHarness, createSilentLogger } from '../../../lib/testing/index.ts';
import { createSagaRig } from './saga-rig.ts';
import {
  defineTrip,
  FlightBooked,
  FlightRefused,
  FlightRequested,
  HotelBooked,
  HotelCancelled,
  HotelCancelRefused,
  Paid,
  TicketSent,
  TripAbandoned,
  TripRequested,
} from './trip.ts';

const TRIP = { tripId: '7' };
const FLIGHT = { tripId: '7', seat: '12A' };
const TIMER = { sagaId: '7', group: 'trip#7', step: 'flight', kind: 'step', attempt: 1, dueAtSeconds: 9 } as const;

/** A process manager whose log is written down. */
function createWatched(saga: SagaVersions) {
  const harness = createHarness({ tables: { sagas: SAGAS_TABLE } });
  const deps = {
    table: harness.table('sagas', parseSagaItem),
    timers: createInMemorySagaTimers(),
    metrics: { addMetric: () => undefined },
    clock: harness.clock,
  };
  let { handlers } = createSagaHandlers(saga, deps);
  return {
    deploy(versions: SagaVersions): void {
      handlers = createSagaHandlers(versions, deps).handlers;
    },
    /** What is logged of an event: the keys of its lines, those before its commit, and those after it. */
    async take<Definition extends EventDefinition>(definition: Definition, data: EventInputOf<Definition>) {
      const event = await harness.publish(definition, data);
      const keys: object[] = [];
      const lines: unknown[] = [];
      const actions: (() => void | Promise<void>)[] = [];
      const log = Object.assign(createSilentLogger('trip'), {
        appendKeys: (added: object) => void keys.push(added),
        info: (...line: unknown[]) => void lines.push(['info', ...line]),
        warn: (...line: unknown[]) => void lines.push(['warn', ...line]),
      });
      await harness.outbox.transact(async (tx) => {
        const afterCommit: HandlerContext['afterCommit'] = (action) => void actions.push(action);
        const skip = (reason: string): never => {
          throw new Error(`skipped: ${reason}`);
        };
        const { signal } = new AbortController();
        await handlers[event.type]?.(event, { tx, log, signal, idempotencyKey: event.id, skip, afterCommit });
      });
      const before = [...lines];
      for (const action of actions) await action();
      return { keys, before, after: lines.slice(before.length) };
    },
  };
}

type Watched = ReturnType<typeof createWatched>;

async function completed(saga: SagaVersions): Promise<Watched> {
  const watched = createWatched(saga);
  await watched.take(TripRequested, TRIP);
  await watched.take(FlightBooked, FLIGHT);
  await watched.take(HotelBooked, TRIP);
  await watched.take(Paid, TRIP);
  await watched.take(TicketSent, TRIP);
  return watched;
}

const ignored = (level: 'info' | 'warn', reason: string, { type }: EventDefinition) => [
  [level, 'the event does not change its saga', { reason, event_type: type }],
];

describe('the log of a saga', () => {
  it('contains each transition after its commit, with the instance and the effects', async () => {
    const { take } = createWatched(defineTrip({ inSequence: true }));

    const started = await take(TripRequested, TRIP);
    const refused = await take(FlightRefused, TRIP);

    expect(started).toStrictEqual({
      keys: [{ saga: 'trip', saga_id: '7' }],
      before: [],
      after: [
        [
          'info',
          'saga running',
          { saga_status: 'running', saga_revision: 1, saga_transition: 'started', saga_step: undefined },
        ],
      ],
    });
    expect(refused.after).toStrictEqual([
      [
        'info',
        'saga compensated',
        { saga_status: 'compensated', saga_revision: 2, saga_transition: 'step-refused', saga_step: 'flight' },
      ],
    ]);
  });

  it('says why an event changes nothing, after the commit', async () => {
    const { take } = createWatched(defineTrip());
    await take(TripRequested, TRIP);
    await take(FlightBooked, FLIGHT);

    expect(await take(FlightBooked, FLIGHT)).toStrictEqual({
      keys: [{ saga: 'trip', saga_id: '7' }],
      before: [],
      after: ignored('info', 'duplicate', FlightBooked),
    });
  });

  it('contains a warning if a service sends contradictory replies', async () => {
    const { take } = createWatched(defineTrip());
    await take(TripRequested, TRIP);
    await take(FlightBooked, FLIGHT);

    expect((await take(FlightRefused, TRIP)).after).toStrictEqual(ignored('warn', 'contradiction', FlightRefused));
  });

  it.each([
    ['alone', defineTrip()],
    ['beside a newer one', [defineTrip(), defineTrip({ version: 2 })] as const],
  ])('contains that warning also after the end of a saga if its version is served %s', async (_, saga) => {
    const { take, deploy } = await completed(defineTrip());
    deploy(saga);

    expect((await take(FlightRefused, TRIP)).after).toStrictEqual(ignored('warn', 'contradiction', FlightRefused));
  });

  it('says only that an event is late if the version of a finished saga is no longer known', async () => {
    const { take, deploy } = await completed(defineTrip());
    deploy(defineTrip({ version: 2 }));

    expect((await take(FlightRefused, TRIP)).after).toStrictEqual(ignored('info', 'late', FlightRefused));
  });

  it('reports an event that only another version handles as not requested', async () => {
    const flightAlone = defineSaga(
      { name: 'trip', version: 2, data: z.object({ tripId: z.string() }), correlateBy: 'tripId' },
      ({ start, send, on }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId })),
        steps: [
          { name: 'flight', command: send(FlightRequested, ({ tripId }) => ({ tripId })), success: on(FlightBooked) },
        ],
      }),
    );
    const { take } = createWatched([defineTrip(), flightAlone]);
    await take(TripRequested, TRIP);

    expect((await take(HotelBooked, TRIP)).after).toStrictEqual(ignored('info', 'not-requested', HotelBooked));
  });

  it('reports a timer of an unknown saga as late, and other events as of an unknown saga', async () => {
    const { take } = createWatched(defineTrip());

    const timer = sagaTimerDue('trip');
    const retry = sagaRetryRequested('trip');
    expect((await take(timer, TIMER)).after).toStrictEqual(ignored('info', 'late-timer', timer));
    expect((await take(retry, { sagaId: '7', group: 'trip#7', by: 'ada' })).after).toStrictEqual(
      ignored('info', 'unknown-saga', retry),
    );
  });
});

describe('the metrics of a saga', () => {
  const atTheHotel = async () => {
    const rig = createSagaRig(defineTrip());
    await rig.when(TripRequested, TRIP);
    await rig.when(TripAbandoned, TRIP);
    return rig;
  };

  it('count a command without a timely reply, not the delay before a compensation’s next attempt', async () => {
    const { when, timeOut, counted } = await atTheHotel();

    await when(HotelCancelRefused, TRIP);
    await timeOut();
    const delayed = [...counted];
    await timeOut();

    expect(delayed).toStrictEqual(['SagasStarted']);
    expect(counted).toStrictEqual(['SagasStarted', 'SagaTimeouts', 'SagaCompensationsFailed']);
  });

  it('count a status when it is reached, not with each transition within it', async () => {
    const { when, timeOut, counted, reader } = await atTheHotel();
    await timeOut();
    await timeOut();
    const failed = counted.filter((name) => name === 'SagaCompensationsFailed');

    await when(FlightBooked, FLIGHT);

    expect(failed).toHaveLength(1);
    expect(await reader.status('7')).toMatchObject({
      status: 'compensation-failed',
      steps: { flight: { phase: 'done' } },
    });
    expect(counted.filter((name) => name === 'SagaCompensationsFailed')).toHaveLength(1);
  });

  it('count no timeout of a finished saga', async () => {
    const { when, counted } = await atTheHotel();
    await when(HotelCancelled, TRIP);

    await when(sagaTimerDue('trip'), TIMER);

    expect(counted.filter((name) => name === 'SagaTimeouts')).toStrictEqual([]);
  });
});
