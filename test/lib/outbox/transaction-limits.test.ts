import { describe, expect, it } from 'vitest';
import {
  busEntryOf,
  entrySizeBytes,
  markerItem,
  type NewEventRecord,
  recordItem,
} from '../../../lib/outbox/event-record.ts';
import type { OutboxCommit } from '../../../lib/outbox/index.ts';
import { itemBytes } from '../../../lib/outbox/item-size.ts';
import { assertLimits } from '../../../lib/outbox/transaction-limits.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

type Commit = Omit<OutboxCommit, 'token'>;

const put = (bytes: number, more: object = {}) => ({
  Put: { TableName: 'accounts', Item: { id: { S: 'x'.repeat(bytes - 2) } }, ...more },
});
const event = (bytes: number, type = 't'): NewEventRecord => ({
  group: 'g',
  sequence: 4,
  id: '01',
  source: '/s',
  type,
  body: 'x'.repeat(bytes),
  committedAt: 1_000 as EpochMs,
  expires: 61 as EpochSeconds,
});
const commit = (more: Partial<Commit>): Commit => ({ writes: [], heads: [], events: [], ...more });
const refusal = (more: Partial<Commit>, guards = 0) => {
  try {
    assertLimits(commit(more), guards);
  } catch (error) {
    return error;
  }
  return 'none';
};

describe('the limits of a transaction', () => {
  it('are 100 actions, of which each event takes two', () => {
    const writes = Array.from({ length: 97 }, () => put(3));
    const heads = [{ group: 'g', from: 0, to: 1 }];

    expect(refusal({ writes, heads, events: [event(1)] })).toBe('none');
    expect(refusal({ writes: [...writes, put(3)], heads, events: [event(1)] }, 2)).toMatchObject({
      code: 'OUTBOX_LIMIT_EXCEEDED',
      limit: 'actions',
      message:
        'the transaction has 101 actions, allowed are up to 100: 96 writes and 1 events of yours; Waybill adds a marker for each event, 1 for the heads of groups, 2 for the inbox and the cursor: split the work',
    });
    expect(refusal({ writes: Array.from({ length: 101 }, () => put(3)) })).toMatchObject({
      message:
        'the transaction has 101 actions, allowed are up to 100: 101 writes and 0 events of yours: split the work',
    });
  });

  it('are 400 KB an item, of a write and of an event', () => {
    expect(refusal({ writes: [put(409_600)] })).toBe('none');
    expect(refusal({ writes: [put(3), put(409_601)] }, 1)).toMatchObject({
      limit: 'itemBytes',
      message:
        "write 1 (Put in table 'accounts') has an item of 409601 bytes, allowed are up to 409600: store large content elsewhere and refer to it",
    });

    const most = 409_600 - itemBytes(recordItem(event(0)));
    expect(refusal({ events: [event(most)] })).toBe('none');
    expect(refusal({ events: [event(most + 1)] })).toMatchObject({
      limit: 'itemBytes',
      message:
        "event 't' takes 409601 bytes in the outbox log, allowed are up to 409600: store large content elsewhere and refer to it",
    });
  });

  it('are to the byte what PutEvents takes', () => {
    const bytesOf = (bytes: number) => entrySizeBytes(busEntryOf(event(bytes)));
    const most = 1_048_575 - bytesOf(0);

    expect(bytesOf(most)).toBe(1_048_575);
    // what fits onto the bus is still too large for the log
    expect(refusal({ events: [event(most)] })).toMatchObject({ limit: 'itemBytes' });
    expect(refusal({ events: [event(most + 1)] })).toMatchObject({
      limit: 'eventBytes',
      message: expect.stringContaining('takes 1048576 bytes on the bus, allowed are fewer than 1048576'),
    });
  });

  it('are fewer than 1 MB on the bus', () => {
    expect(refusal({ events: [event(1_200_000)] })).toMatchObject({
      limit: 'eventBytes',
      message: expect.stringMatching(
        /^event 't' takes 12\d{5} bytes on the bus, allowed are fewer than 1048576: store large content elsewhere and refer to it$/,
      ),
    });
  });

  it('are 4 MB together: items, the values of expressions, and both items of each event', () => {
    const writes = Array.from({ length: 10 }, () => put(400_000));
    const given = event(1_000);
    const eventBytes = itemBytes(recordItem(given)) + itemBytes(markerItem(given));
    const left = 4 * 1_048_576 - 4_000_000 - eventBytes;
    const last = (valueBytes: number) =>
      put(100, { ExpressionAttributeValues: { ':v': { S: 'x'.repeat(valueBytes - 2) } } });

    expect(refusal({ writes: [...writes, last(left - 100)], events: [given] })).toBe('none');
    expect(refusal({ writes: [...writes, last(left - 99)], events: [given] })).toMatchObject({
      limit: 'transactionBytes',
      message: 'the items of the transaction have 4194305 bytes in total, allowed are up to 4194304: split the work',
    });
  });
});
