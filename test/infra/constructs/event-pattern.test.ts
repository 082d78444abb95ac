import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { eventPatternLength, eventPatternOf } from '../../../infra/constructs/event-pattern.ts';
import { defineEvent, defineSubscription, type EventDefinition } from '../../../lib/definitions/index.ts';
import { compileEventPattern } from '../../../local/eventbridge/pattern/event-pattern.ts';

const eventOf = (source: string, type: string): EventDefinition =>
  defineEvent({ source, type, version: 1, schema: z.object({}) });

const PLACED = eventOf('/orders', 'placed');
const CANCELLED = eventOf('/orders', 'cancelled');
const CAPTURED = eventOf('/payments', 'captured');

/** The event as the bus gives it to a rule. */
const onBus = (source: string, type: string, detail: object = { partitionkey: 'order#1' }) => ({
  source,
  'detail-type': type,
  detail: { source, type, ...detail },
});

function matcherOf(...events: readonly EventDefinition[]) {
  const { detailType, ...others } = eventPatternOf(defineSubscription({ name: 'billing', events }));
  return compileEventPattern(JSON.stringify({ ...others, ...(detailType && { 'detail-type': detailType }) }));
}

describe('the event pattern of a subscription', () => {
  it.each([
    ['one source', [PLACED, CANCELLED]],
    ['several sources', [PLACED, CANCELLED, CAPTURED]],
  ])('matches each pair of source and type that is subscribed to, from %s', (_, events) => {
    const matches = matcherOf(...events);

    expect(events.map(({ source, type }) => matches(onBus(source, type)))).toStrictEqual(events.map(() => true));
  });

  it('does not match the type of one source from another', () => {
    const matches = matcherOf(PLACED, CANCELLED, CAPTURED);

    expect(matches(onBus('/payments', 'placed'))).toBe(false);
    expect(matches(onBus('/orders', 'captured'))).toBe(false);
  });

  it('does not match events without a group', () => {
    expect(matcherOf(PLACED)(onBus('/orders', 'placed', {}))).toBe(false);
    expect(matcherOf(PLACED, CAPTURED)(onBus('/orders', 'placed', {}))).toBe(false);
  });

  it('is measured by the text that EventBridge receives', () => {
    expect(eventPatternLength({ events: [PLACED, CANCELLED] })).toBe(
      '{"source":["/orders"],"detail":{"partitionkey":[{"exists":true}]},"detail-type":["placed","cancelled"]}'.length,
    );
    expect(eventPatternLength({ events: [PLACED, CAPTURED] })).toBe(
      '{"source":["/orders","/payments"],"detail":{"partitionkey":[{"exists":true}],"$or":[{"source":["/orders"],"type":["placed"]},{"source":["/payments"],"type":["captured"]}]}}'
        .length,
    );
  });
});
