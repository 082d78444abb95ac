import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineSaga, type MigratedSaga, type SagaDefinition } from '../../../lib/definitions/index.ts';
import type { SagaRecord, SagaStatus } from '../../../lib/saga/index.ts';
import { migrateSaga } from '../../../lib/saga/saga-migration.ts';
import {
  defineTrip,
  FlightBooked,
  FlightRequested,
  HotelBooked,
  HotelRequested,
  TicketRequested,
  TicketSent,
  TripRequested,
} from './trip.ts';

const recordOf = (status: SagaStatus): SagaRecord => ({
  status,
  revision: 5,
  data: { tripId: '7' },
  stage: 0,
  steps: {},
  answered: false,
  sagaId: '7',
  version: 1,
  group: 'trip#7',
  correlationId: 'request-7',
  hops: 0,
  startedAt: '2026-01-05T09:00:00.000Z',
  changedAt: '2026-01-05T09:00:00.000Z',
});

type Steps = MigratedSaga['steps'];

/** Flight and hotel side by side, payment, ticket. */
const migratingTo = (steps: Steps) =>
  defineTrip({ version: 2, migrations: { 1: () => ({ data: { tripId: '7' }, steps }) } });

/** The flight, then hotel and ticket side by side; nothing can be undone. */
const migratingToLater = (steps: Steps): SagaDefinition =>
  defineSaga(
    {
      name: 'trip',
      version: 2,
      data: z.object({ tripId: z.string() }),
      correlateBy: 'tripId',
      migrations: { 1: ({ data }) => ({ data, steps }) },
    },
    ({ start, send, on, parallel }) => {
      const key = ({ tripId }: { readonly tripId: string }) => ({ tripId });
      return {
        startedBy: start(TripRequested, key),
        steps: [
          { name: 'flight', command: send(FlightRequested, key), success: on(FlightBooked) },
          parallel([
            { name: 'hotel', command: send(HotelRequested, key), success: on(HotelBooked) },
            { name: 'ticket', command: send(TicketRequested, key), success: on(TicketSent) },
          ]),
        ],
      };
    },
  );

const waiting = (phase: string) => ({ phase, attempt: 1, dueAtSeconds: 1_800_000_000 });
const done = { phase: 'done' };

describe('a migrated instance', () => {
  it.each<[number, SagaStatus, Steps]>([
    [0, 'running', { flight: waiting('requested'), hotel: waiting('requested') }],
    [1, 'running', { flight: done, hotel: done, payment: waiting('requested') }],
    [2, 'running', { flight: done, hotel: done, payment: done, ticket: waiting('requested') }],
    [2, 'completed', { flight: done, hotel: done, payment: done, ticket: done }],
    [1, 'completed', { payment: done }],
    [0, 'compensating', { flight: waiting('compensating') }],
    [0, 'compensating', { flight: waiting('compensation-delayed'), hotel: { phase: 'refused' }, payment: undefined }],
    [1, 'compensating', { flight: { phase: 'in-doubt' }, hotel: { phase: 'compensated' }, payment: done }],
    [0, 'compensated', { flight: { phase: 'compensated' }, hotel: { phase: 'refused' } }],
    [0, 'compensation-failed', { hotel: { phase: 'compensation-failed' } }],
    [0, 'compensating', {}],
  ])('continues in stage %i, %s, with %j', (stage, status, steps) => {
    const { definition, record, migration } = migrateSaga(migratingTo(steps), recordOf(status));

    const progress = Object.entries(steps).flatMap(([name, each]) =>
      each === undefined ? [] : [[name, { since: 5, ...each }]],
    );
    expect(definition.version).toBe(2);
    expect(record).toStrictEqual({ ...recordOf(status), version: 2, stage, steps: Object.fromEntries(progress) });
    expect(migration).toStrictEqual({ from: 1, timers: [] });
  });

  it('keeps the time of a step’s last change if its migration says so', () => {
    const flight = { phase: 'done', since: 2 };
    const { record } = migrateSaga(migratingTo({ flight, hotel: done }), recordOf('running'));

    expect(record.steps).toStrictEqual({ flight: { phase: 'done', since: 2 }, hotel: { phase: 'done', since: 5 } });
  });

  it.each<[SagaStatus, Steps, string]>([
    [
      'running',
      { flight: { phase: 'lost' }, hotel: done },
      `step 'flight' has a progress that is not valid, got {"phase":"lost"}`,
    ],
    [
      'running',
      { flight: done, hotel: { phase: 'refused' } },
      "step 'hotel' cannot be refused while the saga is running",
    ],
    [
      'running',
      { flight: done, hotel: { phase: 'compensated' } },
      "step 'hotel' cannot be compensated while the saga is running",
    ],
    [
      'completed',
      { flight: done, hotel: { phase: 'in-doubt' } },
      "step 'hotel' cannot be in-doubt while the saga is completed",
    ],
    ...(['compensating', 'compensated', 'compensation-failed'] as const).map((status): [SagaStatus, Steps, string] => [
      status,
      { flight: waiting('requested') },
      `step 'flight' cannot be requested while the saga is ${status}`,
    ]),
    [
      'running',
      { flight: done, hotel: done, train: done, boat: done },
      "version 2 has no step 'train', 'boat': its steps are 'flight', 'hotel', 'payment', 'ticket'",
    ],
    [
      'running',
      {},
      "step 'flight', 'hotel' is in the current stage but was never requested: give it the phase 'done', or move it to a stage of its own",
    ],
  ])('is refused if it is %s, with %j', (status, steps, problem) => {
    expect(() => migrateSaga(migratingTo(steps), recordOf(status))).toThrow(
      expect.objectContaining({
        code: 'SAGA_MIGRATION_INVALID',
        message: `saga 'trip' of '7' cannot be migrated from version 1 to 2: ${problem}; nothing was written: fix the migration, then redrive the dead letters`,
      }),
    );
  });

  it.each(
    (['requested', 'compensating', 'compensation-delayed'] as const).flatMap((phase) => [
      [phase, 'no attempt', { attempt: undefined }] as const,
      [phase, 'half an attempt', { attempt: 1.5 }] as const,
      [phase, 'no time', { dueAtSeconds: undefined }] as const,
      [phase, 'a time that is a text', { dueAtSeconds: '2026-01-05' }] as const,
    ]),
  )('is refused if a step is %s with %s', (phase, _, change) => {
    const steps = { flight: { ...waiting(phase), ...change }, hotel: done };
    const status = phase === 'requested' ? 'running' : 'compensating';

    expect(() => migrateSaga(migratingTo(steps), recordOf(status))).toThrow(
      "cannot be migrated from version 1 to 2: step 'flight' has a progress that is not valid, got {",
    );
  });

  it('is refused if a later stage has started in part', () => {
    const steps = { flight: done, hotel: waiting('requested') };

    expect(() => migrateSaga(migratingToLater(steps), recordOf('running'))).toThrow(
      "step 'ticket' is in the current stage but was never requested",
    );
  });

  it.each(['compensating', 'compensation-delayed', 'compensation-failed'])(
    'is refused if a step is %s that the version cannot compensate',
    (phase) => {
      const status = phase === 'compensation-failed' ? phase : 'compensating';

      expect(() => migrateSaga(migratingToLater({ flight: waiting(phase) }), recordOf(status))).toThrow(
        `step 'flight' cannot be ${phase}, because version 2 has no compensation for it: give it the phase 'compensated', or a compensation`,
      );
    },
  );
});

describe('an instance with a version that is not served', () => {
  it('is refused, with all served versions', () => {
    const versions = [defineTrip({ version: 3 }), defineTrip({ version: 2 })] as const;

    expect(() => migrateSaga(versions, recordOf('running'))).toThrow(
      "saga 'trip' of '7' has version 1, but this code has only 2, 3: deploy code that also has version 1",
    );
  });
});
