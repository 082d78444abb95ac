import { describe, expect, expectTypeOf, it } from 'vitest';
import { createConsumer, type Handlers, handlersFor, type SubscriptionHandlers } from '../../../lib/consumer/index.ts';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';

const banking = defineSubscription({ name: 'banking', events: [Deposited, Audited] });
const handle = () => undefined;
const DEPOSITED = 'com.example.account.deposited';
const AUDITED = 'com.example.audit.noted';

/** As code that the compiler does not see through hands them over. */
const joined = (handlers: Record<string, unknown>) =>
  handlersFor(banking, handlers as unknown as Handlers<typeof banking>);

describe('the handlers of a consumer', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      'a misspelt one',
      { [DEPOSITED]: handle, 'com.example.audit.notde': handle },
      "the handler 'com.example.audit.notde' is for no event of the subscription: did you mean 'com.example.audit.noted', which has none?",
    ],
    [
      'one in other capitals',
      { [DEPOSITED]: handle, 'com.example.Audit.Noted': handle },
      "the handler 'com.example.Audit.Noted' is for no event of the subscription: did you mean 'com.example.audit.noted', which has none?",
    ],
    [
      'one with a blank that is not seen',
      { [DEPOSITED]: handle, [`${AUDITED} `]: handle },
      "the handler 'com.example.audit.noted\\u0020' is for no event of the subscription: did you mean 'com.example.audit.noted', which has none?",
    ],
    [
      'one with a letter of another alphabet',
      { [DEPOSITED]: handle, 'com.exаmple.audit.noted': handle },
      "the handler 'com.ex\\u0430mple.audit.noted' is for no event of the subscription: did you mean 'com.example.audit.noted', which has none?",
    ],
    ['a missing one', { [DEPOSITED]: handle }, "'com.example.audit.noted' has no handler"],
    [
      'one too many',
      { [DEPOSITED]: handle, [AUDITED]: handle, 'org.other': handle },
      "the handler 'org.other' is for no event of the subscription, which takes 'com.example.account.deposited', 'com.example.audit.noted'",
    ],
    [
      'one that is none',
      { [DEPOSITED]: handle, [AUDITED]: undefined },
      "the handler of 'com.example.audit.noted' must be a function, got undefined",
    ],
    [
      'one that is null',
      { [DEPOSITED]: handle, [AUDITED]: null },
      "the handler of 'com.example.audit.noted' must be a function, got null",
    ],
  ])('are refused before any event, naming %s', (_, handlers, problem) => {
    const message = `consumer 'banking' needs one handler for each event type of its subscription, under its name: ${problem}`;
    const refusal = expect.objectContaining({ code: 'CONSUMER_HANDLERS_INVALID', message });

    expect(() => joined(handlers)).toThrow(refusal);
    expect(() => createConsumer({ subscription: banking, handlers } as SubscriptionHandlers, {} as never)).toThrow(
      refusal,
    );
  });

  it('are refused with everything that is wrong with them', () => {
    expect(() => joined({})).toThrow(
      /'com.example.account.deposited' has no handler; 'com.example.audit.noted' has no/,
    );
  });

  it('are not taken from what every object has', () => {
    const odd = defineSubscription({ name: 'odd', events: [{ ...Audited, type: 'toString' }] });

    expect(() => handlersFor(odd, {} as never)).toThrow("'toString' has no handler");
  });

  it('are refused by the compiler where one is missing or misspelt', () => {
    expectTypeOf<Handlers<typeof banking>>().toHaveProperty(DEPOSITED);
    // @ts-expect-error a handler is missing
    expect(() => handlersFor(banking, { [DEPOSITED]: handle })).toThrow('has no handler');
    // @ts-expect-error a handler is misspelt
    expect(() => handlersFor(banking, { [DEPOSITED]: handle, 'com.example.audit.notde': handle })).toThrow(
      'did you mean',
    );
  });
});
