import { describe, expect, it } from 'vitest';
import { readCursor } from '../../../lib/consumer/dynamodb-cursor-store.ts';
import { readRecord } from '../../../lib/http/request-writes.ts';
import { readHead } from '../../../lib/outbox/assign-sequences.ts';
import { recordOf } from '../../../lib/outbox/index.ts';
import { parseSagaItem } from '../../../lib/saga/index.ts';
import {
  assertEventFormat,
  assertStoredFormat,
  STORED_FORMAT,
  STORED_FORMAT_VALUE,
} from '../../../lib/shared/stored-format.ts';

const unknown = expect.objectContaining({ code: 'STORED_FORMAT_UNKNOWN', disposition: 'defer', retryAfterSeconds: 30 });

describe('the format of stored items', () => {
  it('is 1, as a plain value and as DynamoDB’s', () => {
    expect([STORED_FORMAT, STORED_FORMAT_VALUE]).toStrictEqual([{ format: 1 }, { format: { N: '1' } }]);
  });

  it.each([
    ['no item', undefined],
    ['an item of older code, which does not say', { id: { S: 'x' } }],
    ['the format of this release', { format: { N: '1' } }],
    ['the same, unmarshalled', { format: 1 }],
  ])('accepts %s', (_, item) => {
    expect(() => assertStoredFormat(item, 'the item')).not.toThrow();
  });

  it('accepts the format of a compressed event for events of the log', () => {
    expect(() => assertEventFormat({ format: { N: '2' } })).not.toThrow();
    expect(() => assertEventFormat({ format: { N: '3' } })).toThrow(
      'an event of the log is stored in format 3, and this code reads formats up to 2: ',
    );
  });

  it.each([
    [{ format: { N: '2' } }, '2'],
    [{ format: 2 }, '2'],
    [{ format: { S: 'x' } }, 'NaN'],
    [{ format: 0 }, '0'],
  ])('refuses what this release cannot read: %j', (item, got) => {
    expect(() => assertStoredFormat(item, "cursor 'billing#a'")).toThrow(
      `cursor 'billing#a' is stored in format ${got}, and this code reads formats up to 1: a newer release wrote it; deploy that release again`,
    );
  });

  it.each<[string, () => unknown]>([
    ['a cursor', () => readCursor({ id: { S: 'billing#a' }, format: { N: '3' } })],
    ['a head', () => readHead({ last: { N: '7' }, format: { N: '2' } })],
    ['an event of the log', () => recordOf({ format: { N: '3' } })],
    ['the record of a request', () => readRecord({ status: { S: 'INPROGRESS' }, format: { N: '2' } })],
    ['a saga', () => parseSagaItem({ sagaId: '7', item: 'state', format: 2 })],
  ])('defers the event or the request that needs %s of a newer release', (_, read) => {
    expect(read).toThrow(unknown);
  });
});
