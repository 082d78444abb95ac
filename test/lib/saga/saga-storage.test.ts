import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineEvent, defineSaga } from '../../../lib/definitions/index.ts';
import { createSagaRig, sent } from './saga-rig.ts';
import {
  defineTrip,
  FlightBooked,
  FlightRefused,
  FlightRequested,
  HotelBooked,
  HotelCancelled,
  Paid,
  TicketSent,
  TripAbandoned,
  TripRequested,
} from './trip.ts';

const TRIP = { tripId: '7' };
const FLIGHT = { tripId: '7', seat: '12A' };

describe('a saga’s transition', () => {
  it('commits state, listing, history and commands together', async () => {
    const { when, harness } = createSagaRig(defineTrip({ inSequence: true }));

    const { writes, events } = await when(TripRequested, TRIP);

    expect(writes.map(({ key }) => key)).toStrictEqual([
      { sagaId: '7', item: 'state' },
      { sagaId: '7', item: 'history#00000001' },
      { sagaId: '7', item: 'listing' },
    ]);
    expect(events.map(({ type }) => type)).toStrictEqual(['com.example.flight.requested']);
    expect(harness.items('sagas')).toHaveLength(3);
  });

  it('writes no listing while the status stays the same', async () => {
    const { when } = createSagaRig(defineTrip({ inSequence: true }));
    await when(TripRequested, TRIP);

    const { writes } = await when(FlightBooked, FLIGHT);

    expect(writes.map(({ key }) => key)).toStrictEqual([
      { sagaId: '7', item: 'state' },
      { sagaId: '7', item: 'history#00000002' },
    ]);
  });

  it('uses the saga id of the start event, whatever its replies contain', async () => {
    const { when, timers } = createSagaRig(defineTrip({ inSequence: true }));

    await when(TripRequested, TRIP, { correlationId: 'request-1' });
    const first = timers.running().map(({ correlationId }) => correlationId);
    await when(FlightBooked, FLIGHT, { correlationId: 'request-2' });
    const second = timers.running().map(({ correlationId }) => correlationId);

    expect([first, second]).toStrictEqual([['request-1'], ['request-1']]);
  });

  it('writes nothing if the process crashes before the commit, except a schedule', async () => {
    const { when, consumer, harness, timers } = createSagaRig(defineTrip({ inSequence: true }));

    await when(TripRequested, TRIP, { crash: 'before-commit' });
    const afterCrash = [harness.items('sagas').length, timers.running().length];
    const again = await consumer.again();

    expect(afterCrash).toStrictEqual([0, 1]);
    expect(sent(again)).toStrictEqual(['flight.requested']);
  });

  it('writes nothing if a timer cannot be started', async () => {
    const start = async () => {
      throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    };
    const { when, harness } = createSagaRig(defineTrip(), { timers: { start } });

    const { failure } = await when(TripRequested, TRIP);

    expect(failure).toMatchObject({ code: 'ThrottlingException', isFinal: false });
    expect(harness.items('sagas')).toStrictEqual([]);
  });

  it('stays committed if a timer cannot be stopped', async () => {
    const stop = async () => {
      throw new Error('not now');
    };
    const { when, reader } = createSagaRig(defineTrip({ inSequence: true }), { timers: { stop } });
    await when(TripRequested, TRIP);

    expect((await when(FlightBooked, FLIGHT)).kind).toBe('handled');
    expect((await reader.status('7'))?.revision).toBe(2);
  });

  it('is repeated at once with the other writer’s state after a lost race', async () => {
    let overtake: (() => Promise<void>) | undefined;
    const rig = createSagaRig(defineTrip({ inSequence: true }), { timers: { start: async () => overtake?.() } });
    await rig.when(TripRequested, TRIP);
    overtake = async () => {
      overtake = undefined;
      const item = await rig.table.get({ sagaId: '7', item: 'state' });
      if (item?.kind !== 'state') throw new Error('no state');
      await rig.table.put({ Item: { ...item.record, item: 'state', revision: 2 } });
    };

    const outcome = await rig.when(FlightBooked, FLIGHT);

    expect(sent(outcome)).toStrictEqual(['hotel.requested']);
    expect((await rig.reader.status('7'))?.revision).toBe(3);
    expect((await rig.reader.history('7')).items.map(({ revision }) => revision)).toStrictEqual([1, 3]);
  });

  it('starts an instance once if two events start it at the same time', async () => {
    let overtake: (() => Promise<void>) | undefined;
    const rig = createSagaRig(defineTrip({ inSequence: true }), { timers: { start: async () => overtake?.() } });
    await rig.when(TripRequested, { tripId: 'other' });
    overtake = async () => {
      overtake = undefined;
      const item = await rig.table.get({ sagaId: 'other', item: 'state' });
      if (item?.kind !== 'state') throw new Error('no state');
      await rig.table.put({ Item: { ...item.record, sagaId: '7', data: TRIP, item: 'state' } });
    };

    const second = await rig.when(TripRequested, TRIP);

    expect(second.kind).toBe('handled');
    expect(second.events).toStrictEqual([]);
    expect(rig.counted.at(-1)).toBe('SagaEventsIgnored');
  });

  it('fails with a retryable error after repeated lost races', async () => {
    let overtake: (() => Promise<void>) | undefined;
    const rig = createSagaRig(defineTrip({ inSequence: true }), { timers: { start: async () => overtake?.() } });
    await rig.when(TripRequested, TRIP);
    overtake = async () => {
      const item = await rig.table.get({ sagaId: '7', item: 'state' });
      if (item?.kind !== 'state') throw new Error('no state');
      await rig.table.put({ Item: { ...item.record, item: 'state', revision: item.record.revision + 1 } });
    };

    const lost = await rig.when(FlightBooked, FLIGHT);
    overtake = undefined;
    const again = await rig.consumer.again();

    expect(lost.failure).toMatchObject({ code: 'SAGA_RACE_LOST', isFinal: false });
    expect(lost.failure?.message).toBe(
      "saga 'trip' of '7' was no longer at revision 5 at commit; nothing was written and the event will be retried: if this happens often, put the events of one saga into one group",
    );
    expect(lost.events).toStrictEqual([]);
    expect(sent(again)).toStrictEqual(['hotel.requested']);
  });

  it('only affects the current tenant’s instance', async () => {
    const { when, harness, reader, timers } = createSagaRig(defineTrip({ inSequence: true }), { tenancy: 'required' });
    await when(TripRequested, TRIP, { tenantId: 'acme' });
    await when(TripRequested, TRIP, { tenantId: 'bolt' });

    await when(FlightBooked, FLIGHT, { tenantId: 'bolt' });

    const revision = (tenantId: string) =>
      harness.tenancy.runAsTenant(tenantId, async () => (await reader.status('7'))?.revision);
    expect([await revision('acme'), await revision('bolt')]).toStrictEqual([1, 2]);
    expect(timers.running().map(({ tenantId, step, group }) => [tenantId, step, group])).toStrictEqual([
      ['acme', 'flight', 'trip#7'],
      ['bolt', 'hotel', 'trip#7'],
    ]);
  });

  it('wakes a saga in its tenant’s group', async () => {
    const { when, timeOut } = createSagaRig(defineTrip({ inSequence: true }), { tenancy: 'required' });
    await when(TripRequested, TRIP, { tenantId: 'acme' });

    const { event, events } = await timeOut();

    expect([event.tenantid, event.partitionkey]).toStrictEqual(['acme', 'tenant:acme:trip#7']);
    expect(events.map(({ type }) => type)).toStrictEqual(['com.example.flight.requested']);
  });
});

class Seats {
  readonly free = 1;
}

describe('the data of a saga', () => {
  const tripSchema = z.object({ tripId: z.string(), seat: z.string().max(3) });
  const key = ({ tripId }: { readonly tripId: string }) => ({ tripId });
  const seated = (rename: boolean) =>
    defineSaga({ name: 'trip', version: 1, data: tripSchema, correlateBy: 'tripId' }, ({ start, send, on }) => ({
      startedBy: start(TripRequested, ({ tripId }) => ({ tripId, seat: '' })),
      steps: [
        {
          name: 'flight',
          command: send(FlightRequested, key),
          success: on(FlightBooked, (saga, { seat }) => ({ ...saga, seat, ...(rename ? { tripId: 'other' } : {}) })),
        },
      ],
    }));

  it('are rejected if they do not match the schema, and nothing is written', async () => {
    const { when, reader } = createSagaRig(seated(false));
    await when(TripRequested, TRIP);

    const { failure, writes } = await when(FlightBooked, { ...FLIGHT, seat: 'window' });

    expect(failure).toMatchObject({ code: 'SAGA_DATA_INVALID', isFinal: true });
    expect(failure?.message).toContain("the data of saga 'trip' of '7' does not match the schema of version 1: seat: ");
    expect(writes).toStrictEqual([]);
    expect((await reader.status('7'))?.data).toStrictEqual({ tripId: '7', seat: '' });
  });

  const departing = (leaves: z.ZodType<unknown>, value: unknown) =>
    defineSaga(
      { name: 'trip', version: 1, data: z.object({ tripId: z.string(), leaves }), correlateBy: 'tripId' },
      ({ start, send, on }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId, leaves: value })),
        steps: [{ name: 'flight', command: send(FlightRequested, key), success: on(FlightBooked) }],
      }),
    );

  it('are stored as JSON and read through their schema', async () => {
    const { when, reader } = createSagaRig(departing(z.coerce.date(), '2026-11-20T06:00:00Z'));

    await when(TripRequested, TRIP);

    expect((await reader.status('7'))?.data).toStrictEqual({ tripId: '7', leaves: '2026-11-20T06:00:00.000Z' });
    expect(sent(await when(FlightBooked, FLIGHT))).toStrictEqual([]);
    expect((await reader.status('7'))?.status).toBe('completed');
  });

  it.each([
    ['what could not be read again', z.date(), new Date(0), 'leaves: Invalid input: expected date, received string'],
    ['a BigInt', z.bigint(), 1n, 'leaves: is a BigInt, which JSON cannot represent: write it as text: String(value)'],
    ['NaN', z.any(), Number.NaN, 'leaves: is NaN, which JSON cannot represent: leave it out, or write null'],
    ['a Set', z.any(), new Set(['a']), 'leaves: is a Set, which JSON cannot represent: write it as a list: [...set]'],
    [
      'an instance',
      z.any(),
      { seats: new Seats() },
      "leaves.seats: is an instance of 'Seats', which JSON cannot represent",
    ],
    ['a date that is none', z.any(), new Date(Number.NaN), 'leaves: is a Date, which JSON cannot represent'],
  ])('are rejected if they contain %s', async (_, leaves, value, problem) => {
    const { when } = createSagaRig(departing(leaves, value));

    const { failure } = await when(TripRequested, TRIP);

    expect(failure).toMatchObject({ code: 'SAGA_DATA_INVALID', isFinal: true });
    expect(failure?.message).toContain(problem);
  });

  it('are validated when read, which detects a schema that changed without the version', async () => {
    const { when, deploy, reader } = createSagaRig(departing(z.string(), 'soon'));
    await when(TripRequested, TRIP);
    deploy(departing(z.int(), 1));

    const { failure } = await when(FlightBooked, FLIGHT);

    expect(failure).toMatchObject({ code: 'SAGA_DATA_INVALID', isFinal: true });
    expect(failure?.message).toContain('leaves: ');
    expect((await reader.status('7'))?.revision).toBe(1);
  });

  it('are rejected if undefined', async () => {
    const saga = defineSaga(
      { name: 'trip', version: 1, data: z.object({ tripId: z.string() }), correlateBy: 'tripId' },
      ({ start, send, on }) => ({
        startedBy: start(TripRequested, key),
        steps: [
          {
            name: 'flight',
            command: send(FlightRequested, key),
            // as a function without types that forgets to return
            success: on(FlightBooked, () => undefined as never),
          },
        ],
      }),
    );
    const { when } = createSagaRig(saga);
    await when(TripRequested, TRIP);

    expect((await when(FlightBooked, FLIGHT)).failure).toMatchObject({
      code: 'SAGA_DATA_INVALID',
      message:
        "the data of saga 'trip' of '7' does not match the schema of version 1: Invalid input: expected object, received null; nothing was written: fix the function that returned it, or raise the version and migrate",
    });
  });

  it('are rejected if the schema drops the saga id', async () => {
    const dropping = z.object({ tripId: z.string() }).transform(() => ({ seat: '7' }) as never);
    const { when } = createSagaRig(
      defineSaga(
        { name: 'trip', version: 1, data: dropping, correlateBy: 'tripId' as never },
        ({ start, send, on }) => ({
          startedBy: start(TripRequested, key as never),
          steps: [{ name: 'flight', command: send(FlightRequested, key), success: on(FlightBooked) }],
        }),
      ),
    );

    expect((await when(TripRequested, TRIP)).failure?.message).toContain(
      "version 1: tripId: must stay '7', the id of the saga, got undefined; nothing was written",
    );
  });

  it('are rejected if they contain another saga id', async () => {
    const { when } = createSagaRig(seated(true));
    await when(TripRequested, TRIP);

    expect((await when(FlightBooked, { ...FLIGHT, seat: '1A' })).failure?.message).toContain(
      'tripId: must stay \'7\', the id of the saga, got "other"',
    );
  });
});

describe('an event without its saga’s id', () => {
  const ungrouped = <const Type extends string>(type: Type) =>
    defineEvent({
      type,
      source: '/trips',
      version: 1,
      // as a schema of another library may be
      schema: z.object({ tripId: z.custom<string>() }),
    });
  const Ungrouped = ungrouped('com.example.trip.wanted');

  const wanted = () =>
    createSagaRig(
      defineSaga(
        { name: 'trip', version: 1, data: z.object({ tripId: z.string() }), correlateBy: 'tripId' },
        ({ start, send, on }) => ({
          startedBy: start(Ungrouped, (event) => event),
          steps: [
            {
              name: 'flight',
              command: send(ungrouped('com.example.flight.wanted'), (saga) => saga),
              success: on(FlightBooked),
            },
          ],
        }),
      ),
    );

  it.each<[string, unknown, string]>([
    ['an empty text', '', '0 bytes'],
    ['a text too long for a key', 'ü'.repeat(513), '1026 bytes'],
    ['a number', 7, '7'],
    ['nothing', null, 'null'],
  ])('is a permanent failure: %s', async (_, tripId, got) => {
    const { when, harness } = wanted();

    const { failure } = await when(Ungrouped, { tripId: tripId as string });

    expect(failure).toMatchObject({
      code: 'SAGA_ID_INVALID',
      isFinal: true,
      message: `'com.example.trip.wanted' must have the id of its saga 'trip' in 'tripId', a string of 1 to 1024 bytes, got ${got}: make the event's schema require it`,
    });
    expect(harness.items('sagas')).toStrictEqual([]);
  });

  it('is accepted with the longest possible id', async () => {
    const { when, reader } = wanted();
    const tripId = 'ü'.repeat(512);

    await when(Ungrouped, { tripId });

    expect((await reader.status(tripId))?.status).toBe('running');
  });
});

describe('a saga instance', () => {
  it('is listed by status, in pages', async () => {
    const { when, reader, harness } = createSagaRig(defineTrip());
    for (const tripId of ['1', '2', '3']) {
      await when(TripRequested, { tripId });
      harness.advance(1_000);
    }
    await when(TripAbandoned, { tripId: '2' });

    const first = await reader.list('running', { limit: 1 });
    const rest = await reader.list('running', { limit: 1, ...(first.next && { after: first.next }) });

    expect([...first.items, ...rest.items].map(({ sagaId }) => sagaId)).toStrictEqual(['1', '3']);
    expect((await reader.list('compensating')).items).toMatchObject([
      { sagaId: '2', failure: { kind: 'aborted', eventType: 'com.example.trip.abandoned' } },
    ]);
    expect((await reader.list('completed')).items).toStrictEqual([]);
  });

  it('has a history of its transitions with their causes', async () => {
    const { when, reader } = createSagaRig(defineTrip());
    const start = await when(TripRequested, TRIP);
    await when(FlightRefused, TRIP);
    await when(HotelCancelled, TRIP);

    const { items } = await reader.history('7');

    expect(items[0]?.cause).toStrictEqual({ id: start.event.id, type: start.event.type, time: start.event.time });
    expect(
      items.map(({ revision, transition, step, status, sent: types }) => [revision, transition, step, status, types]),
    ).toEqual([
      [1, 'started', undefined, 'running', ['com.example.flight.requested', 'com.example.hotel.requested']],
      [2, 'step-refused', 'flight', 'compensating', ['com.example.hotel.cancel-requested']],
      [3, 'step-compensated', 'hotel', 'compensated', ['com.example.trip.failed']],
    ]);
  });

  it('has a history that is read in pages', async () => {
    const { when, reader } = createSagaRig(defineTrip());
    await when(TripRequested, TRIP);
    await when(FlightRefused, TRIP);

    const first = await reader.history('7', { limit: 1 });
    const second = await reader.history('7', { limit: 1, ...(first.next && { after: first.next }) });

    expect([first, second].map(({ items }) => items.map(({ revision }) => revision))).toStrictEqual([[1], [2]]);
  });

  it('is kept for its retention after it has finished, and without limit while it runs', async () => {
    const { when, harness } = createSagaRig(defineTrip());
    const expiry = () => harness.items('sagas').find(({ item }) => item === 'state')?.['expires'];
    await when(TripRequested, TRIP);
    const running = expiry();
    await when(FlightRefused, TRIP);
    await when(HotelCancelled, TRIP);

    expect(running).toBeUndefined();
    expect(expiry()).toBe(Math.ceil(harness.clock.now() / 1000) + 400 * 86_400);
  });

  it('is kept for its retention after completion, with its listing', async () => {
    const { when, harness } = createSagaRig(defineTrip());
    await when(TripRequested, TRIP);
    await when(FlightBooked, FLIGHT);
    await when(HotelBooked, TRIP);
    await when(Paid, TRIP);
    await when(TicketSent, TRIP);

    const expires = Math.ceil(harness.clock.now() / 1000) + 400 * 86_400;
    const items = harness.items('sagas').filter(({ item }) => item === 'state' || item === 'listing');
    expect(items.map((item) => [item['status'], item['expires']])).toStrictEqual([
      ['completed', expires],
      ['completed', expires],
    ]);
  });

  it('that does not exist has no status and no history', async () => {
    const { reader } = createSagaRig(defineTrip());

    expect(await reader.status('7')).toBeUndefined();
    expect((await reader.history('7')).items).toStrictEqual([]);
  });
});
