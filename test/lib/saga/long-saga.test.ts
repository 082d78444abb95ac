import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type EventHandler, handlersFor } from '../../../lib/consumer/index.ts';
import {
  defineEvent,
  defineSaga,
  defineSubscription,
  type EventDefinition,
  SAGAS_TABLE,
} from '../../../lib/definitions/index.ts';
import { createSagaHandlers, parseSagaItem } from '../../../lib/saga/index.ts';
import { createHarness, createSilentMetrics } from '../../../lib/testing/index.ts';

const schema = z.object({ tourId: z.string() });

const tourEvent = <const Type extends string>(type: Type) =>
  defineEvent({ type, source: '/tours', version: 1, schema, group: ({ tourId }) => `tour#${tourId}` });

const TourWanted = tourEvent('com.example.tour.wanted');
const TourRequested = tourEvent('com.example.tour.requested');
const TourFailed = tourEvent('com.example.tour.failed');
const LastRefused = tourEvent('com.example.last.refused');

/** Each takes two events on the way forward, and two on the way back. */
const legs = Array.from({ length: 20 }, (_, index) => ({
  name: `leg-${index}`,
  asked: tourEvent(`com.example.leg-${index}.asked`),
  done: tourEvent(`com.example.leg-${index}.done`),
  undo: tourEvent(`com.example.leg-${index}.undo`),
  undone: tourEvent(`com.example.leg-${index}.undone`),
}));

const isLast = (index: number) => index === legs.length - 1;
const key = ({ tourId }: { readonly tourId: string }) => ({ tourId });

const tour = defineSaga(
  { name: 'tour', version: 1, data: schema, correlateBy: 'tourId' },
  ({ start, send, sendFailure, on }) => ({
    startedBy: start(TourRequested, key),
    steps: legs.map(({ name, asked, done, undo, undone }, index) => ({
      name,
      command: send(asked, key),
      success: on(done),
      ...(isLast(index) ? { failure: on(LastRefused) } : {}),
      compensation: { command: send(undo, key), success: on(undone) },
    })),
    answers: { failed: sendFailure(TourFailed, key) },
  }),
);

function createTours() {
  const tours = createHarness({ tables: { sagas: SAGAS_TABLE } });
  const { timers, clock } = tours;
  const table = tours.table('sagas', parseSagaItem);
  tours.serve(createSagaHandlers(tour, { table, timers, clock, metrics: createSilentMetrics('tour') }));
  tours.serve(
    handlersFor(defineSubscription({ name: 'desk', events: [TourWanted] }), {
      'com.example.tour.wanted': ({ data }, { tx }) => tx.publish(TourRequested, data),
    }),
  );
  const answering =
    (answer: EventDefinition): EventHandler<EventDefinition> =>
    ({ data }, { tx }) =>
      tx.publish(answer, data);
  tours.serve({
    subscription: defineSubscription({ name: 'guides', events: legs.flatMap(({ asked, undo }) => [asked, undo]) }),
    handlers: Object.fromEntries(
      legs.flatMap(({ asked, done, undo, undone }, index) => [
        [asked.type, answering(isLast(index) ? LastRefused : done)],
        [undo.type, answering(undone)],
      ]),
    ),
  });
  return tours;
}

describe('a saga of twenty steps that ends in a refusal', () => {
  it('is compensated completely: its hops count from its start event, not from step to step', async () => {
    const tours = createTours();
    await tours.publish(TourWanted, { tourId: '7' });

    const { deadLetters } = await tours.runToEnd();

    expect(deadLetters).toStrictEqual([]);
    expect(tours.events(TourFailed).map(({ hops }) => hops)).toStrictEqual([2]);
    expect(Math.max(...tours.events().map(({ hops }) => hops))).toBe(3);
    expect(tours.events()).toHaveLength(2 + 20 * 2 + 19 * 2 + 1);
  });
});
