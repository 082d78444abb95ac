import { describe, expect, it } from 'vitest';
import { createFunctionFailures } from '../../../local/ledger/function-failures.ts';

const failed = (more: object) =>
  JSON.stringify({
    level: 'ERROR',
    message: 'event failed: it goes back to the queue',
    service: 'payments',
    event_id: 'e1',
    ...more,
  });

const read = (...lines: string[]) => {
  const failures = createFunctionFailures();
  for (const line of lines) failures.readLine(line);
  return failures;
};

describe('createFunctionFailures', () => {
  it('keeps the last error per consumer and event, by its code', () => {
    const failures = read(
      failed({ error: { name: 'Error', message: 'first' } }),
      failed({ error: { name: 'CARD', message: 'declined' }, error_code: 'CARD_DECLINED' }),
      failed({ service: 'orders', error: { name: 'TypeError', message: 'broken' } }),
    );

    expect(failures.failureOf('payments', 'e1')).toBe('CARD_DECLINED: declined');
    expect(failures.failureOf('orders', 'e1')).toBe('TypeError: broken');
    expect(failures.failureOf('orders', 'e2')).toBeUndefined();
  });

  it('keeps where in the user’s own code the error came from', () => {
    const error = { name: 'TypeError', message: 'broken', thrown_at: 'functions/payments/handler.ts:12' };

    expect(read(failed({ error })).failureOf('payments', 'e1')).toBe(
      'TypeError: broken, at functions/payments/handler.ts:12',
    );
  });

  it('ignores errors without an event, other levels and plain text', () => {
    const failures = read(
      failed({ event_id: undefined, error: { name: 'Error', message: 'no event' } }),
      failed({}),
      'plain "level":"ERROR" text',
      '{"level":"INFO","service":"payments","event_id":"e1","error":{"message":"no"}}',
    );

    expect(failures.failureOf('payments', 'e1')).toBeUndefined();
  });
});
