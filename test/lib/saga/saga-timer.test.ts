import { describe, expect, it } from 'vitest';
import { type RunningTimer, readTimerMessage, writeTimerMessage } from '../../../lib/saga/index.ts';

const timer: RunningTimer = {
  saga: 'trip',
  sagaId: '7',
  group: 'trip#7',
  step: 'flight',
  kind: 'step',
  attempt: 1,
  dueAtSeconds: 1_800_000_000,
  tenantId: 'acme',
  correlationId: 'request-7',
};

describe('the message of a timer', () => {
  it.each<[string, Partial<RunningTimer>]>([
    ['with a tenant', {}],
    ['without tenant', { tenantId: undefined }],
    ['with who caused the saga', { principal: { type: 'app_user', id: 'user-7' } }],
    ['for the next attempt at a compensation', { kind: 'compensation-retry', attempt: 3 }],
    ['of an instance named like what the Scheduler fills in', { sagaId: '<aws.scheduler.execution-id>' }],
  ])('is read as it was written: %s', (_, change) => {
    expect(readTimerMessage(writeTimerMessage({ ...timer, ...change }))).toStrictEqual({ ...timer, ...change });
  });

  it('contains no placeholder of the Scheduler', () => {
    expect(writeTimerMessage({ ...timer, sagaId: '<aws.scheduler.attempt-number>' })).toContain(
      '"sagaId":"\\u003caws.scheduler.attempt-number>"',
    );
  });

  it.each([7, 'user-7', {}, { id: 'user-7' }, { type: '' }])(
    'is read without a principal that cannot be read',
    (principal) => {
      expect(readTimerMessage(JSON.stringify({ ...timer, principal }))).toStrictEqual(timer);
    },
  );

  const withChange = (change: object) => JSON.stringify({ ...timer, ...change });

  it.each([
    ['an empty text', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"timer"'],
    ['a list', '[]'],
    ['an object without members', '{}'],
    ['a timer of no saga', withChange({ saga: undefined })],
    ['a saga that is no text', withChange({ saga: 7 })],
    ['a timer without correlation', withChange({ correlationId: undefined })],
    ['a correlation that is no text', withChange({ correlationId: ['request-7'] })],
    ['a tenant that is no text', withChange({ tenantId: 7 })],
    ['no tenant, told by null', withChange({ tenantId: null })],
    ['no instance', withChange({ sagaId: '' })],
    ['another kind of timer', withChange({ kind: 'alarm' })],
    ['half an attempt', withChange({ attempt: 1.5 })],
    ['no time', withChange({ dueAtSeconds: undefined })],
  ])('is refused without quoting its content if it is %s', (_, body) => {
    expect(() => readTimerMessage(body)).toThrow(
      expect.objectContaining({
        code: 'SAGA_TIMER_MALFORMED',
        message: `a message of ${body.length} characters is not a saga timer: check what sent it to the timer queue`,
      }),
    );
  });
});
