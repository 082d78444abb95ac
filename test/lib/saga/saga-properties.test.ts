import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SagaDefinition } from '../../../lib/definitions/index.ts';
import { SagaWorld } from './saga-world.ts';
import { defineTrip } from './trip.ts';

const RUNS = 1_500;
const MAX_TURNS = 400;

const SAGAS: readonly (readonly [string, SagaDefinition])[] = [
  ['side by side', defineTrip()],
  ['in sequence', defineTrip({ inSequence: true })],
];

/** A saga that lived through what the choices say, then through better times. */
function livedThrough(definition: SagaDefinition, choices: readonly number[]): SagaWorld {
  let next = 0;
  const world = new SagaWorld(definition, (below) => (below === 0 ? 0 : (choices[next++] ?? next) % below));
  while (next < choices.length) world.happen();
  return world;
}

const choices = fc.array(fc.nat(1_000), { minLength: 10, maxLength: 240, size: 'max' });

const explore = (definition: SagaDefinition, check: (world: SagaWorld) => void) =>
  fc.assert(
    fc.property(choices, (taken) => {
      const world = livedThrough(definition, taken);
      expect(world.drain(MAX_TURNS), 'came to an end').toBe(true);
      check(world);
    }),
    { numRuns: RUNS },
  );

describe.each(SAGAS)('a saga with steps %s, under any loss, delay or duplication of messages', (_, definition) => {
  it('ends completed, compensated or compensation-failed, and then waits for nothing', () => {
    const ends = new Set<string | undefined>();

    explore(definition, (world) => {
      ends.add(world.state?.status);
      expect(['completed', 'compensated', 'compensation-failed']).toContain(world.state?.status);
      expect(world.isWaiting()).toBe(false);
    });

    expect([...ends].toSorted()).toStrictEqual(['compensated', 'compensation-failed', 'completed']);
  });

  it('leaves no step done if it is compensated, and every step if it is completed', () => {
    explore(definition, ({ state, services }) => {
      const done = [...services].filter(([, service]) => service === 'done').map(([name]) => name);
      if (state?.status === 'compensated') expect(done).toStrictEqual([]);
      if (state?.status === 'completed')
        expect(done.toSorted()).toStrictEqual(['flight', 'hotel', 'payment', 'ticket']);
    });
  });

  it('never sends a compensation once the pivot has succeeded', () => {
    explore(definition, ({ moves }) => {
      const decided = moves.findIndex(({ state }) => state.steps['payment']?.phase === 'done');
      if (decided < 0) return;
      const sentAfter = moves.slice(decided).flatMap(({ publications }) => publications.map(({ event }) => event.type));

      expect(sentAfter.filter((type) => /cancel|call-off/.test(type))).toStrictEqual([]);
    });
  });

  it('compensates only requested steps, and steps that are done in reverse order of completion', () => {
    explore(definition, ({ undoing, heardDone, moves }) => {
      const asked = new Set(moves.flatMap(({ state }) => Object.keys(state.steps)));
      expect(undoing.every((name) => asked.has(name))).toBe(true);
      // what was heard of late was undone when its turn had come
      const known = undoing.filter((name) => heardDone.indexOf(name) >= 0);
      const inOrder = known.toSorted((a, b) => heardDone.indexOf(b) - heardDone.indexOf(a));
      const heardInTime = moves.every(({ transition }) => transition !== 'step-done-late');
      if (heardInTime) expect(known).toStrictEqual(inOrder);
    });
  });

  it('answers once, and never before its end', () => {
    explore(definition, ({ answers, state, moves }) => {
      const expected = {
        completed: ['com.example.trip.booked'],
        compensated: ['com.example.trip.failed'],
      } as const satisfies Record<string, readonly string[]>;
      const status = state?.status;
      if (status === 'completed' || status === 'compensated') expect(answers).toStrictEqual(expected[status]);
      else expect(answers).toStrictEqual([]);
      for (const { state: after, publications } of moves) {
        const hasAnswer = publications.some(({ event }) => /trip\.(booked|failed)/.test(event.type));
        if (hasAnswer) expect(['completed', 'compensated']).toContain(after.status);
      }
    });
  });

  it('counts its transitions without a gap, and has a timer for everything that it waits for', () => {
    explore(definition, ({ moves }) => {
      expect(moves.map(({ state }) => state.revision)).toStrictEqual(moves.map((_move, index) => index + 1));
      for (const { state } of moves) {
        const isWaiting = Object.values(state.steps).some((progress) => 'dueAtSeconds' in progress);
        expect(isWaiting).toBe(state.status === 'running' || state.status === 'compensating');
      }
    });
  });
});

describe('the exploration of saga states', () => {
  it('reaches every kind of transition', () => {
    const transitions = new Set<string>();

    explore(defineTrip(), ({ moves }) => {
      for (const { transition } of moves) transitions.add(transition);
    });

    expect([...transitions].toSorted()).toStrictEqual([
      'abort-begun',
      'abort-waits-for-pivot',
      'compensation-failed',
      'compensation-refused',
      'compensation-retried',
      'compensation-sent-again',
      'pivot-done-after-all',
      'started',
      'step-compensated',
      'step-done',
      'step-done-late',
      'step-given-up',
      'step-refused',
      'step-sent-again',
    ]);
  });
});
