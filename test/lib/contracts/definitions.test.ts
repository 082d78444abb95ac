import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineEvent, defineSubscription } from '../../../lib/contracts/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';

const schema = z.object({});

describe('defineEvent', () => {
  it('rejects a definition with everything that is wrong with it', () => {
    expect(() =>
      defineEvent({ type: 'order placed', source: 'aws.orders', version: 0, schema, upcasters: { 4: (data) => data } }),
    ).toThrow(
      "event 'order placed' is not well defined: type must be 1 to 128 letters, digits, '.', '-' or '_', got 'order placed'; source must be a URI-reference of 1 to 256 visible characters not starting with 'aws.', got 'aws.orders'; version must be a whole number from 1, got 0; upcasters start from versions 1 to -1, got 4",
    );
  });

  it('rejects a schema of a library that does not speak Standard Schema', () => {
    expect(() =>
      defineEvent({ type: 't', source: '/t', version: 1, schema: { parse: () => 1 } as unknown as typeof schema }),
    ).toThrow(/schema must speak Standard Schema/);
  });
});

describe('defineSubscription', () => {
  it("orders as 'fifo' unless told otherwise", () => {
    expect(defineSubscription({ name: 'billing', events: [Deposited] })).toMatchObject({
      name: 'billing',
      ordering: 'fifo',
    });
  });

  it('rejects a subscription with everything that is wrong with it', () => {
    expect(() =>
      defineSubscription({ name: 'Billing', events: [Deposited, Audited, Deposited], ordering: 'random' as 'fifo' }),
    ).toThrow(
      "subscription 'Billing' is not well defined: name must be 1 to 40 lower-case letters, digits and hyphens, a letter first, got 'Billing'; events must name each type once, got more of 'com.example.account.deposited'; ordering must be 'fifo', got 'random'",
    );
    expect(() => defineSubscription({ name: 'a', events: [] })).toThrow(
      /events must name at least one event, got none/,
    );
  });
});
