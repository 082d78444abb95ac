import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { EventHandler } from '../../../lib/consumer/index.ts';
import {
  defineEvent,
  defineSaga,
  defineSubscription,
  type EventDefinition,
  SAGAS_TABLE,
} from '../../../lib/definitions/index.ts';
import { createSagaHandlers, createSagaReader, parseSagaItem } from '../../../lib/saga/index.ts';
import { createHarness, createSilentMetrics } from '../../../lib/testing/index.ts';

const schema = z.object({ cargoId: z.string() });

/** Each type has groups of its own, so that no order holds between two events of one cargo. */
const cargoEvent = <const Type extends string>(type: Type) =>
  defineEvent({
    type: `com.example.${type}`,
    source: '/cargo',
    version: 1,
    schema,
    group: ({ cargoId }) => `${type}#${cargoId}`,
  });

const Ordered = cargoEvent('cargo.ordered');
const Recalled = cargoEvent('cargo.recalled');
const Stored = cargoEvent('cargo.stored');
const GivenUp = cargoEvent('cargo.given-up');
const LEGS = ['ship', 'truck', 'crane', 'store'] as const;
const legs = LEGS.map((name) => ({
  name,
  asked: cargoEvent(`${name}.asked`),
  booked: cargoEvent(`${name}.booked`),
  refused: cargoEvent(`${name}.refused`),
  undo: cargoEvent(`${name}.undo`),
  undone: cargoEvent(`${name}.undone`),
}));

const key = ({ cargoId }: { readonly cargoId: string }) => ({ cargoId });

const cargo = defineSaga(
  { name: 'cargo', version: 1, data: schema, correlateBy: 'cargoId' },
  ({ start, send, on, parallel }) => {
    const [ship, truck, crane, store] = legs.map(({ name, asked, booked, refused, undo, undone }) => ({
      name,
      command: send(asked, key),
      success: on(booked),
      failure: on(refused),
      compensation: { command: send(undo, key), success: on(undone) },
    }));
    if (ship === undefined || truck === undefined || crane === undefined || store === undefined) throw new Error();
    return {
      startedBy: start(Ordered, key),
      steps: [parallel([ship, truck, crane]), store],
      abortedBy: on(Recalled),
      answers: { completed: send(Stored, key), failed: send(GivenUp, key) },
    };
  },
);

const BOOKINGS = { partitionKey: { name: 'booking', type: 'S' } } as const;
const bookingSchema = z.object({ booking: z.string(), state: z.enum(['booked', 'refused', 'undone']) });

/** What a cargo's id says becomes of it at each service. */
const isRefused = (leg: string, cargoId: string) => cargoId.includes(`${leg}-refused`);
const isUnheard = (leg: string, cargoId: string) => cargoId.includes(`${leg}-unheard`);

function createCargoWorld() {
  const harness = createHarness({ tables: { sagas: SAGAS_TABLE, bookings: BOOKINGS } });
  const { timers, clock } = harness;
  const table = harness.table('sagas', parseSagaItem);
  const bookings = harness.table('bookings', (item) => bookingSchema.parse(item));
  harness.serve(createSagaHandlers(cargo, { table, timers, clock, metrics: createSilentMetrics('cargo') }));

  const put = (tx: Parameters<typeof bookings.within>[0], booking: string, state: 'booked' | 'refused' | 'undone') =>
    bookings.within(tx).put({ Item: { booking, state }, ConditionExpression: 'attribute_not_exists(booking)' });

  for (const { name, asked, booked, refused, undo, undone } of legs) {
    const handlers: Record<string, EventHandler<EventDefinition>> = {
      [asked.type]: async ({ data }, { tx }) => {
        const { cargoId } = schema.parse(data);
        const booking = `${name} ${cargoId}`;
        const known = await bookings.get({ booking });
        const state = known?.state ?? (isRefused(name, cargoId) ? 'refused' : 'booked');
        if (known === undefined) put(tx, booking, state);
        if (state === 'booked' && isUnheard(name, cargoId)) return;
        tx.publish(state === 'booked' ? booked : refused, { cargoId });
      },
      [undo.type]: async ({ data }, { tx }) => {
        const { cargoId } = schema.parse(data);
        const booking = `${name} ${cargoId}`;
        const known = await bookings.get({ booking });
        if (known === undefined) put(tx, booking, 'undone');
        else if (known.state === 'booked') bookings.within(tx).put({ Item: { booking, state: 'undone' } });
        tx.publish(undone, { cargoId });
      },
    };
    harness.serve({ subscription: defineSubscription({ name, events: [asked, undo] }), handlers });
  }
  return { harness, bookings, reader: createSagaReader(table) };
}

/** What becomes of it, and whether somebody calls it off on the way. */
const CARGOES = [
  ['plain', false],
  ['store-refused', false],
  ['crane-refused', false],
  ['ship-refused+truck-refused', false],
  ['truck-unheard', false],
  ['crane-refused+ship-unheard', false],
  ['recalled', true],
  ['recalled+store-refused', true],
  ['recalled+ship-unheard', true],
] as const;

describe('a saga with events of many groups, in any order between groups', () => {
  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    'ends completed or compensated, and answers once (seed %i)',
    async (seed) => {
      const { harness, bookings, reader } = createCargoWorld();
      for (const [cargoId] of CARGOES) await harness.publish(Ordered, { cargoId });
      const chaos = { duplicates: 0.3, crashes: 0.15, concurrency: 6, untilTimers: true } as const;

      const early = await harness.runToEnd({ ...chaos, seed, stopAfter: 40 + 10 * seed });
      for (const [cargoId, isRecalled] of CARGOES) {
        if (isRecalled) await harness.publish(Recalled, { cargoId });
      }
      const late = await harness.runToEnd({ ...chaos, seed });

      expect([...early.deadLetters, ...late.deadLetters]).toStrictEqual([]);
      for (const [cargoId, isRecalled] of CARGOES) {
        const status = (await reader.status(cargoId))?.status;
        const states = await Promise.all(
          LEGS.map(async (leg) => (await bookings.get({ booking: `${leg} ${cargoId}` }))?.state),
        );
        const answers = [Stored, GivenUp].map(
          (answer) => harness.events(answer).filter(({ data }) => data.cargoId === cargoId).length,
        );
        if (status === 'completed') {
          expect([cargoId, states]).toStrictEqual([cargoId, ['booked', 'booked', 'booked', 'booked']]);
          expect(answers).toStrictEqual([1, 0]);
        } else {
          expect([cargoId, status, states.includes('booked')]).toStrictEqual([cargoId, 'compensated', false]);
          expect(answers).toStrictEqual([0, 1]);
        }
        if (!isRecalled) expect(status).toBe(cargoId === 'plain' ? 'completed' : 'compensated');
      }
    },
  );
});
