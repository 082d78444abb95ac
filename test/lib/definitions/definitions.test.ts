import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { claimOf, defineEvent, defineSubscription } from '../../../lib/definitions/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';

const schema = z.object({});

describe('defineEvent', () => {
  it('rejects an invalid definition and names every problem', () => {
    expect(() =>
      defineEvent({ type: 'order placed', source: 'aws.orders', version: 0, schema, upcasters: { 4: (data) => data } }),
    ).toThrow(
      "event 'order placed' is not valid: type must be 1 to 128 letters, digits, '.', '-' or '_', got 'order placed'; source must be a URI-reference of 1 to 256 visible characters not starting with 'aws.', got 'aws.orders'; version must be a whole number from 1, got 0; upcasters must have keys from 1 to -1, got 4",
    );
  });

  it('rejects a schema of a library that does not implement Standard Schema', () => {
    expect(() =>
      defineEvent({ type: 't', source: '/t', version: 1, schema: { parse: () => 1 } as unknown as typeof schema }),
    ).toThrow(/schema must speak Standard Schema/);
  });
});

describe('defineSubscription', () => {
  it('is strict, starts at its deployment and has a long retry backoff by default', () => {
    expect(defineSubscription({ name: 'billing', events: [Deposited] })).toMatchObject({
      name: 'billing',
      ordering: 'strict',
      startFrom: 'deployment',
      retry: { baseSeconds: 5, capSeconds: 600 },
      permanentErrors: [],
    });
  });

  it('claims an event with the commit, before the handler if it calls external systems, or as it says', () => {
    const unsaid = defineSubscription({ name: 'billing', events: [Deposited] });
    const said = defineSubscription({ name: 'billing', events: [Deposited], claim: 'commit' });
    const before = defineSubscription({ name: 'billing', events: [Deposited], claim: 'before' });

    expect([claimOf(unsaid), claimOf(unsaid, []), claimOf(unsaid, ['carrier'])]).toStrictEqual([
      'commit',
      'commit',
      'before',
    ]);
    expect([claimOf(said, ['carrier']), claimOf(before)]).toStrictEqual(['commit', 'before']);
    expect(() => defineSubscription({ name: 'a', events: [Deposited], claim: 'after' as 'before' })).toThrow(
      "claim must be 'commit' or 'before', got 'after'",
    );
  });

  it('rejects an invalid subscription and names every problem', () => {
    expect(() =>
      defineSubscription({ name: 'Billing', events: [Deposited, Audited, Deposited], ordering: 'random' as 'fifo' }),
    ).toThrow(
      "subscription 'Billing' is not valid: name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got 'Billing'; events must have each type once, got duplicates of 'com.example.account.deposited'; ordering must be 'strict' or 'fifo', got 'random'",
    );
    expect(() => defineSubscription({ name: 'a', events: [] })).toThrow(
      /events must have at least one event, got none/,
    );
  });

  it('rejects an undefined event, as a circular import leaves it', () => {
    const missing = undefined as unknown as typeof Deposited;

    expect(() => defineSubscription({ name: 'a', events: [Deposited, missing] })).toThrow(
      "subscription 'a' is not valid: events must be results of defineEvent, got undefined at position 2",
    );
  });

  it('rejects an invalid start time, a start time for a fifo consumer, and a backoff out of range', () => {
    expect(() => defineSubscription({ name: 'a', events: [Deposited], startFrom: 'yesterday' })).toThrow(
      "startFrom must be 'deployment', 'horizon' or an RFC 3339 timestamp with an offset such as '2026-07-01T00:00:00Z', got 'yesterday'",
    );
    expect(() =>
      defineSubscription({ name: 'a', events: [Deposited], ordering: 'fifo', startFrom: 'horizon' }),
    ).toThrow("startFrom requires ordering 'strict', got 'horizon' with 'fifo'");
    expect(() =>
      defineSubscription({ name: 'a', events: [Deposited], retry: { baseSeconds: 10, capSeconds: 5 } }),
    ).toThrow('retry must have 1 <= baseSeconds <= capSeconds <= 43200, got 10 and 5');
  });
});

describe('a definition with a value of the wrong type', () => {
  it('is refused with a message that distinguishes a numeric string from a number', () => {
    expect(() =>
      defineEvent({ type: 'a', source: '/a', version: '1' as unknown as number, schema: Deposited.schema }),
    ).toThrow("version must be a whole number from 1, got the text '1'");
  });

  it('is refused if permanentErrors is a string instead of a list', () => {
    expect(() =>
      defineSubscription({ name: 'a', events: [Deposited], permanentErrors: 'CARD' as unknown as string[] }),
    ).toThrow('permanentErrors must be a list of error codes or names, got "CARD"');
  });
});
