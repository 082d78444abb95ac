import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../../lib/consumer/describe-failure.ts';

const errorWith = (fields: object) => Object.assign(new Error('no'), fields);
const permanentOf = (fields: object, permanentErrors: readonly string[] = []) =>
  describeFailure(errorWith(fields), { permanentErrors }).permanent;

describe('a failure', () => {
  it.each([
    'PERMANENT',
    'EVENT_MALFORMED',
    'EVENT_DATA_INVALID',
    'EVENT_ID_MISMATCH',
    'EVENT_HOP_LIMIT',
    'TENANT_MISSING',
    'TENANT_MISMATCH',
  ])('is permanent where only a deployment can mend it: %s', (code) => {
    expect(permanentOf({ code })).toBe(true);
  });

  it('is permanent where its subscription says so, by code or by name', () => {
    expect(permanentOf({ code: 'CARD_REFUSED' })).toBe(false);
    expect(permanentOf({ code: 'CARD_REFUSED' }, ['CARD_REFUSED'])).toBe(true);
    expect(permanentOf({ code: 'CARD_REFUSED', name: 'CardError' }, ['CardError'])).toBe(true);
  });

  it('waits for what it knows, unless it is permanent', () => {
    const wait = { retryAfterSeconds: 30, deferrable: true };

    expect(describeFailure(errorWith(wait), { permanentErrors: [] })).toStrictEqual({
      code: 'Error',
      message: 'no',
      stackHead: expect.stringContaining('Error: no'),
      permanent: false,
      ...wait,
    });
    expect(describeFailure(errorWith({ ...wait, code: 'PERMANENT' }), { permanentErrors: [] })).toMatchObject({
      permanent: true,
      retryAfterSeconds: 0,
      deferrable: false,
    });
  });
});
