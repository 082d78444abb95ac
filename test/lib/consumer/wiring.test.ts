import { describe, expect, it } from 'vitest';
import { type ConsumerOptions, createConsumer, handlersFor } from '../../../lib/consumer/index.ts';
import { defineSubscription, type Subscription } from '../../../lib/definitions/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';

const banking = defineSubscription({ name: 'banking', events: [Deposited], ordering: 'fifo' });
const savings = defineSubscription({ name: 'savings', events: [Deposited], ordering: 'fifo' });
const audited = defineSubscription({ name: 'banking', events: [Audited] });

const handlers = handlersFor(banking, { 'com.example.account.deposited': () => undefined });

/** Of a runtime nothing is looked at but whose it is, until an event comes. */
const runtimeOf = <S extends Subscription>(subscription: S) => ({ subscription }) as unknown as ConsumerOptions<S>;

describe('handlers and runtime', () => {
  it('make a consumer when they are of one subscription, or when the runtime says none', () => {
    createConsumer(handlers, runtimeOf(banking));
    createConsumer(handlers, {} as ConsumerOptions);
  });

  it('do not compile when they are of two subscriptions, and are refused by name where nobody type-checks', () => {
    // @ts-expect-error the runtime is of another subscription
    const create = () => createConsumer(handlers, runtimeOf(savings));

    expect(create).toThrow(
      expect.objectContaining({
        code: 'CONSUMER_WIRING',
        message:
          "the handlers are for subscription 'banking' and the runtime is for 'savings': create both from one subscription",
      }),
    );
  });

  it('do not compile when two subscriptions share a name and nothing else, and are refused with what differs', () => {
    // @ts-expect-error the subscription of the same name takes other events
    const create = () => createConsumer(handlers, runtimeOf(audited));

    expect(create).toThrow(
      expect.objectContaining({
        code: 'CONSUMER_WIRING',
        message:
          "the handlers and the runtime of consumer 'banking' have different subscriptions: ordering is 'fifo' in the handlers' subscription and 'strict' in the runtime's; the handlers' subscription takes 'com.example.account.deposited' from '/accounts' and the runtime's does not; the runtime's takes 'com.example.audit.noted' from '/audit' and the handlers' subscription does not; create both from one subscription",
      }),
    );
  });
});
