import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  defineSaga,
  type SagaDefinition,
  type SagaMigration,
  sagaRetryRequested,
  sagaTimerDue,
} from '../../../lib/definitions/index.ts';
import { createSagaRig, sent } from './saga-rig.ts';
import {
  defineTrip,
  FlightBooked,
  FlightCancelled,
  FlightCancelRequested,
  FlightRefused,
  FlightRequested,
  HotelBooked,
  HotelCancelled,
  HotelRequested,
  Paid,
  TicketRequested,
  TicketSent,
  TripAbandoned,
  TripBooked,
  TripRequested,
} from './trip.ts';

const TRIP = { tripId: '7' };
const FLIGHT = { tripId: '7', seat: '12A' };

describe('saga versions', () => {
  const first = defineTrip({ version: 1, inSequence: true });
  const second = defineTrip({ version: 2 });

  /** The flight alone, with a note. */
  const noted = (migrations: SagaDefinition['migrations']) =>
    defineSaga(
      {
        name: 'trip',
        version: 3,
        data: z.object({ tripId: z.string(), note: z.string() }),
        correlateBy: 'tripId',
        migrations,
      },
      ({ start, send, on, parallel }) => ({
        startedBy: start(TripRequested, ({ tripId }) => ({ tripId, note: 'new' })),
        steps: [
          parallel([
            { name: 'flight', command: send(FlightRequested, ({ tripId }) => ({ tripId })), success: on(FlightBooked) },
            { name: 'hotel', command: send(HotelRequested, ({ tripId }) => ({ tripId })), success: on(HotelBooked) },
          ]),
        ],
        answers: { completed: send(TripBooked, ({ tripId }) => ({ tripId })) },
      }),
    );

  async function deployed(before: SagaDefinition, after: Parameters<typeof createSagaRig>[0]) {
    const rig = createSagaRig(before);
    await rig.when(TripRequested, TRIP);
    rig.deploy(after);
    return rig;
  }

  it('that are served together let an instance keep its version, and start new instances with the newest', async () => {
    const { when, reader } = await deployed(first, [first, second]);

    const old = await when(FlightBooked, FLIGHT);
    const fresh = await when(TripRequested, { tripId: '8' });

    expect([sent(old), sent(fresh)]).toStrictEqual([['hotel.requested'], ['flight.requested', 'hotel.requested']]);
    expect([(await reader.status('7'))?.version, (await reader.status('8'))?.version]).toStrictEqual([1, 2]);
  });

  it('are migrated one after another, and the history records it', async () => {
    const saga = noted({
      1: ({ data, steps }) => ({ data, steps: { ...steps, hotel: { phase: 'done' } } }),
      2: ({ data, steps }) => ({ data: { tripId: Object(data).tripId, note: 'old' }, steps }),
    });
    const { when, reader } = await deployed(first, saga);

    const outcome = await when(FlightBooked, FLIGHT);

    expect(sent(outcome)).toStrictEqual(['trip.booked']);
    expect(await reader.status('7')).toMatchObject({ version: 3, data: { tripId: '7', note: 'old' } });
    expect((await reader.history('7')).items.at(-1)).toMatchObject({
      transition: 'step-done',
      version: 3,
      migratedFrom: 1,
    });
  });

  /** The flight goes by another name, and the hotel is no more. */
  const renamed = (migration: SagaMigration) =>
    defineSaga(
      {
        name: 'trip',
        version: 2,
        data: z.object({ tripId: z.string() }),
        correlateBy: 'tripId',
        migrations: { 1: ({ data: old, steps }) => migration({ data: { tripId: Object(old).tripId }, steps }) },
      },
      ({ start, send, on }) => {
        const key = ({ tripId }: { readonly tripId: string }) => ({ tripId });
        return {
          startedBy: start(TripRequested, key),
          steps: [
            {
              name: 'air',
              command: send(FlightRequested, key),
              success: on(FlightBooked),
              compensation: { command: send(FlightCancelRequested, key), success: on(FlightCancelled) },
            },
            { name: 'ticket', command: send(TicketRequested, key), success: on(TicketSent) },
          ],
          answers: { completed: send(TripBooked, key) },
        };
      },
    );

  const byAir: SagaMigration = ({ data, steps: { flight, ticket } }) => ({ data, steps: { air: flight, ticket } });

  it('that rename a step start its timer', async () => {
    const saga = renamed(byAir);
    const { timeOut, timers, reader, counted } = await deployed(first, saga);

    const old = await timeOut();
    const waiting = timers.running().map(({ step, attempt, dueAtSeconds }) => [step, attempt, dueAtSeconds]);
    const own = await timeOut();

    expect(sent(old)).toStrictEqual([]);
    // a minute from when the old one came
    expect(waiting).toStrictEqual([['air', 1, Math.ceil(Date.parse(old.event.time) / 1000) + 60]]);
    expect(sent(own)).toStrictEqual(['flight.cancel-requested']);
    expect(
      (await reader.history('7')).items.map(({ transition, migratedFrom }) => [transition, migratedFrom]),
    ).toStrictEqual([
      ['started', undefined],
      ['migrated', 1],
      ['step-given-up', undefined],
    ]);
    expect(counted.filter((metric) => metric === 'SagaTimeouts')).toHaveLength(1);
  });

  it('are part of the list', async () => {
    const { timeOut, reader } = await deployed(first, renamed(byAir));

    await timeOut();

    expect((await reader.list('running')).items).toMatchObject([{ sagaId: '7', version: 2 }]);
  });

  it('continue an instance from its current step', async () => {
    const rig = createSagaRig(first);
    await rig.when(TripRequested, TRIP);
    await rig.when(FlightBooked, FLIGHT);
    rig.deploy(defineTrip({ version: 2, inSequence: true, migrations: { 1: (saga) => saga } }));

    expect(sent(await rig.when(HotelBooked, TRIP))).toStrictEqual(['payment.requested']);
  });

  it('receive no event that only another version handles', async () => {
    const rig = createSagaRig(first);
    const alone = renamed(byAir);
    rig.deploy(alone);
    await rig.when(TripRequested, TRIP);
    rig.deploy([first, alone]);

    const { kind, writes } = await rig.when(HotelBooked, TRIP);

    expect([kind, writes]).toStrictEqual(['handled', []]);
    expect(rig.counted.at(-1)).toBe('SagaEventsIgnored');
  });

  it('that rename a step stop its old timer', async () => {
    const saga = renamed(byAir);
    const { when, timers } = await deployed(first, saga);

    const outcome = await when(FlightBooked, FLIGHT);

    expect(sent(outcome)).toStrictEqual(['ticket.requested']);
    expect(timers.running().map(({ step }) => step)).toStrictEqual(['ticket']);
  });

  it('continue if the pending step was removed', async () => {
    const saga = renamed(({ data }) => ({ data, steps: { air: { phase: 'done' } } }));
    const rig = createSagaRig(first);
    await rig.when(TripRequested, TRIP);
    await rig.when(FlightBooked, FLIGHT);
    rig.deploy(saga);

    const outcome = await rig.timeOut();

    expect(sent(outcome)).toStrictEqual(['ticket.requested']);
    expect((await rig.reader.history('7')).items.at(-1)).toMatchObject({ transition: 'migrated', status: 'running' });
    expect(sent(await rig.when(TicketSent, TRIP))).toStrictEqual(['trip.booked']);
  });

  it('continue the compensation if the pending compensation was removed', async () => {
    const saga = renamed(({ data }) => ({ data, steps: { air: { phase: 'done' } } }));
    const rig = createSagaRig(first);
    await rig.when(TripRequested, TRIP);
    await rig.when(FlightBooked, FLIGHT);
    await rig.when(TripAbandoned, TRIP);
    rig.deploy(saga);

    const outcome = await rig.timeOut();

    expect(sent(outcome)).toStrictEqual(['flight.cancel-requested']);
    expect(sent(await rig.when(FlightCancelled, TRIP))).toStrictEqual([]);
    expect((await rig.reader.status('7'))?.status).toBe('compensated');
  });

  it('continue on retry after a migration that removed the failed compensation', async () => {
    const saga = renamed(({ data }) => ({ data, steps: { air: { phase: 'done' } } }));
    const rig = createSagaRig(first);
    await rig.when(TripRequested, TRIP);
    await rig.when(FlightBooked, FLIGHT);
    await rig.when(TripAbandoned, TRIP);
    await rig.timeOut();
    await rig.timeOut();
    const failed = (await rig.reader.status('7'))?.status;
    rig.deploy(saga);

    const retried = await rig.when(sagaRetryRequested('trip'), { sagaId: '7', group: 'trip#7', by: 'ada@desk' });

    expect(failed).toBe('compensation-failed');
    expect(sent(retried)).toStrictEqual(['flight.cancel-requested']);
  });

  it('write nothing for an ignored event, and are migrated again at the next one', async () => {
    const saga = noted({ 2: ({ data, steps }) => ({ data: { tripId: Object(data).tripId, note: 'old' }, steps }) });
    const { when, reader } = await deployed(second, saga);

    await when(TripRequested, TRIP);

    expect(await reader.status('7')).toMatchObject({ version: 2, revision: 1 });
  });

  it('cannot be migrated to a phase that does not fit the status', async () => {
    const saga = renamed(({ data }) => ({ data, steps: { air: { phase: 'refused' } } }));
    const { when } = await deployed(first, saga);

    expect((await when(FlightBooked, FLIGHT)).failure?.message).toContain(
      "step 'air' cannot be refused while the saga is running",
    );
  });

  it('cannot be migrated to a state that the version cannot continue, and write nothing', async () => {
    const saga = noted({
      2: ({ data, steps }) => ({ data, steps: { ...steps, train: { phase: 'done' }, boat: { phase: 'lost' } } }),
    });
    const { when, reader } = await deployed(defineTrip({ version: 2, inSequence: true }), saga);

    const { failure } = await when(FlightBooked, FLIGHT);

    expect(failure).toMatchObject({ code: 'SAGA_MIGRATION_INVALID', isFinal: true });
    expect(failure?.message).toContain("step 'boat' has a progress that is not valid");
    expect(failure?.message).toContain("version 3 has no step 'train': its steps are 'flight', 'hotel'");
    expect(failure?.message).toContain("step 'hotel' is in the current stage but was never requested");
    expect((await reader.status('7'))?.revision).toBe(1);
  });

  it('cannot be migrated to data that do not match the schema', async () => {
    const saga = noted({ 2: (old) => old });
    const { when } = await deployed(second, saga);

    expect((await when(FlightBooked, FLIGHT)).failure?.code).toBe('SAGA_DATA_INVALID');
  });

  it('that are unknown fail with a clear error, write nothing, and continue after the next deployment', async () => {
    const { when, consumer, deploy, reader } = await deployed(second, first);

    const { failure } = await when(HotelBooked, TRIP);
    const unchanged = (await reader.status('7'))?.revision;
    deploy([first, second]);
    const again = await consumer.again();

    expect(failure).toMatchObject({
      code: 'SAGA_VERSION_UNKNOWN',
      isFinal: false,
      message:
        "saga 'trip' of '7' has version 2, but this code has only 1: deploy code that also has version 2 or a migration from it, then redrive the dead letters; nothing was written",
    });
    expect(unchanged).toBe(1);
    expect(again.kind).toBe('handled');
    expect((await reader.status('7'))?.steps).toMatchObject({ hotel: { phase: 'done' } });
  });

  it('that are no longer registered still compensate a late success', async () => {
    const { when, deploy, timers } = createSagaRig(second);
    await when(TripRequested, TRIP);
    const [running] = timers.running();
    if (running === undefined) throw new Error('no timer runs');
    const { saga: _saga, tenantId: _tenant, correlationId: _correlation, ...timer } = running;
    await when(FlightRefused, TRIP);
    await when(HotelCancelled, TRIP);

    deploy(first);

    expect((await when(sagaTimerDue('trip'), timer)).kind).toBe('handled');
    expect((await when(FlightBooked, FLIGHT)).failure?.code).toBe('SAGA_VERSION_UNKNOWN');
  });

  it('that are no longer registered are ignored for finished instances', async () => {
    const { when, deploy } = createSagaRig(second);
    await when(TripRequested, TRIP);
    await when(FlightBooked, FLIGHT);
    await when(HotelBooked, TRIP);
    await when(Paid, TRIP);
    await when(TicketSent, TRIP);

    deploy(first);

    expect((await when(TicketSent, TRIP)).kind).toBe('handled');
  });
});
