import { describe, expect, it } from 'vitest';
import {
  AfterCommitDeadlineError,
  ConsumerHandlersError,
  EventIdMismatchError,
  EventTypeUnknownError,
  HandlerDeadlineError,
  PermanentError,
} from '../../../lib/consumer/errors.ts';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { eventOf } from './rig.ts';

const banking = defineSubscription({ name: 'banking', events: [Deposited, Audited] });

describe('the errors of a consumer', () => {
  it('say which type it does not take, which ones it takes, and how long it waits', async () => {
    const event = { ...(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id: 'e1' })), type: 'com.example.x' };

    expect(new EventTypeUnknownError(event, banking)).toMatchObject({
      code: 'EVENT_TYPE_UNKNOWN',
      disposition: 'defer',
      retryAfterSeconds: 30,
      message: expect.stringMatching(
        /^consumer 'banking' does not handle 'com\.example\.x' .*, it handles '.*', '.*: the event waits 60 minutes for a deployment/,
      ),
    });
  });

  it('say what the log has instead of the event', async () => {
    const event = await eventOf(
      Deposited,
      { accountId: '7', amount: 1 },
      { id: 'e1', sequence: '00000000000000000003' },
    );
    const told = "the message has event 'e1' from '/accounts' at 3 of group 'account#7', but the outbox log has";

    expect(new EventIdMismatchError(event, { source: '/accounts', id: 'e9' })).toMatchObject({
      code: 'EVENT_ID_MISMATCH',
      message: expect.stringContaining(`${told} 'e9' from '/accounts': the outbox did not publish it;`),
    });
    expect(new EventIdMismatchError(event, undefined)).toMatchObject({
      message: expect.stringContaining(`${told} no event (marked as empty by an operator): `),
    });
  });

  it.each([
    [
      new HandlerDeadlineError('com.example.deposited'),
      'HANDLER_DEADLINE',
      "the handler of 'com.example.deposited' did not finish before the invocation's deadline; nothing was written: make it faster, or raise the consumer's timeout",
    ],
    [
      new AfterCommitDeadlineError(2),
      'AFTER_COMMIT_DEADLINE',
      "2 of the handler's afterCommit actions did not finish before the invocation's deadline: make them faster, or raise the consumer's timeout",
    ],
    [new PermanentError('no account'), 'PERMANENT', 'no account'],
    [
      new ConsumerHandlersError('banking', ['a is missing', 'b is none']),
      'CONSUMER_HANDLERS_INVALID',
      "consumer 'banking' needs one handler for each event type of its subscription, under its name: a is missing; b is none",
    ],
  ])('say what to do: %s', (error, code, message) => {
    expect(error).toMatchObject({ code, message });
  });
});
