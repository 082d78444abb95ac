import { describe, expect, it } from 'vitest';
import { recordItem } from '../../../../lib/outbox/event-record.ts';
import { readStreamRecord } from '../../../../lib/outbox/relay/relay.ts';
import type { EpochMs, EpochSeconds } from '../../../../lib/shared/time.ts';

const image = {
  partitionkey: { S: 'order#1' },
  sequence: { N: '2' },
  kind: { S: 'EVENT' },
  id: { S: 'event-1' },
  source: { S: '/orders' },
  type: { S: 'com.example.order.placed' },
  event: { S: '{"id":"event-1"}' },
  committedAt: { N: '1700000000000' },
  expires: { N: '1700600000' },
};

const insertOf = (newImage: Record<string, { S?: string; N?: string; B?: string }>) => ({
  eventName: 'INSERT',
  dynamodb: {
    Keys: { partitionkey: { S: 'order#1' }, sequence: { N: '2' } },
    NewImage: newImage,
    SequenceNumber: '4421584500000000017450439091',
  },
});

describe('readStreamRecord', () => {
  it('reads the insert of an event and keeps its serialized form unchanged', () => {
    const record = readStreamRecord(insertOf({ ...image, event: { S: '{ "id" : "event-1", "n": 1.0 }' } }));

    expect(record).toEqual({
      kind: 'event',
      position: '4421584500000000017450439091',
      event: {
        group: 'order#1',
        sequence: 2,
        id: 'event-1',
        source: '/orders',
        type: 'com.example.order.placed',
        body: '{ "id" : "event-1", "n": 1.0 }',
        committedAt: 1_700_000_000_000,
      },
    });
  });

  it('publishes the very string that a compressed event was made of, from the base64 that Lambda passes', () => {
    const body = JSON.stringify({ id: 'event-1', name: '€ Café', data: 'x'.repeat(2_000) });
    const stored = recordItem(
      {
        group: 'order#1',
        sequence: 2,
        id: 'event-1',
        source: '/orders',
        type: 'com.example.order.placed',
        body,
        committedAt: 1_700_000_000_000 as EpochMs,
        expires: 1_700_600_000 as EpochSeconds,
      },
      { compress: true },
    );
    const bytes = stored['event']?.B ?? new Uint8Array();
    const { event: _event, ...attributes } = stored as typeof image;

    const record = readStreamRecord(insertOf({ ...attributes, event: { B: Buffer.from(bytes).toString('base64') } }));

    expect(record).toMatchObject({ kind: 'event', event: { body } });
  });

  it('names bytes that cannot be decompressed, and keeps the key', () => {
    expect(readStreamRecord(insertOf({ ...image, event: { B: 'bm8gZGVmbGF0ZQ==' } }))).toMatchObject({
      kind: 'unpublishable',
      key: { group: 'order#1', sequence: 2 },
      reason: { message: expect.stringMatching(/^'event' must be a non-empty string, got \d+ bytes that are no/) },
    });
  });

  it('leaves an event of a newer format in the stream, until code that reads it is deployed', () => {
    expect(() => readStreamRecord(insertOf({ ...image, format: { N: '3' } }))).toThrow(
      expect.objectContaining({ code: 'STORED_FORMAT_UNKNOWN' }),
    );
  });

  it.each([
    ['the head of a group', insertOf({ kind: { S: 'HEAD' }, last: { N: '7' } })],
    ['a place without an event', insertOf({ kind: { S: 'TOMBSTONE' }, reason: { S: 'lost' } })],
    ['an update', { ...insertOf(image), eventName: 'MODIFY' }],
    ['a removal by TTL', { ...insertOf({}), eventName: 'REMOVE' }],
  ])('ignores %s', (_what, record) => {
    expect(readStreamRecord(record)).toBeUndefined();
  });

  it('names every problem of an unreadable event, and keeps its key', () => {
    const { source: _source, ...withoutSource } = image;
    const record = readStreamRecord(insertOf({ ...withoutSource, event: { S: '' }, committedAt: { S: 'yesterday' } }));

    expect(record).toEqual({
      kind: 'unpublishable',
      position: '4421584500000000017450439091',
      key: { group: 'order#1', sequence: 2 },
      reason: {
        code: 'OUTBOX_RECORD_UNREADABLE',
        message:
          "'committedAt' must be milliseconds since 1970, got the string 'yesterday'; " +
          "'source' must be a non-empty string, got nothing; " +
          "'event' must be a non-empty string, got the string ''",
      },
    });
  });

  it.each([
    [{ S: 'COMMAND' }, "'kind' must be 'EVENT', got the string 'COMMAND'"],
    [{ S: 'x'.repeat(200) }, `'kind' must be 'EVENT', got the string '${'x'.repeat(100)}'`],
    [{ N: '1' }, "'kind' must be 'EVENT', got the number 1"],
  ])('does not accept an item of kind %o as an event', (kind, problem) => {
    expect(readStreamRecord(insertOf({ ...image, kind }))).toMatchObject({
      kind: 'unpublishable',
      reason: { message: problem },
    });
  });

  it.each([['-1'], ['1.5'], ['8640000000000001'], ['1e400']])('does not accept %s as a timestamp', (committedAt) => {
    const record = readStreamRecord(insertOf({ ...image, committedAt: { N: committedAt } }));

    expect(record).toMatchObject({
      kind: 'unpublishable',
      reason: { message: `'committedAt' must be milliseconds since 1970, got the number ${committedAt}` },
    });
  });

  it.each([['0'], ['1.5'], ['9007199254740993']])('does not accept %s as the sequence of an event', (sequence) => {
    const insert = insertOf(image);
    const Keys = { partitionkey: { S: 'order#1' }, sequence: { N: sequence } };

    const record = readStreamRecord({ ...insert, dynamodb: { ...insert.dynamodb, Keys } });

    expect(record).toMatchObject({
      kind: 'unpublishable',
      key: undefined,
      reason: {
        message:
          "the key must be 'partitionkey' (a string) and 'sequence' (a whole number from 1), " +
          `got the string 'order#1' and the number ${sequence}`,
      },
    });
  });

  it('refuses a record without a sequence number of the stream', () => {
    expect(() => readStreamRecord({ eventName: 'INSERT', dynamodb: { NewImage: image } })).toThrow(
      expect.objectContaining({
        code: 'STREAM_RECORD_INVALID',
        message:
          "a record must have the stream's sequence number in decimal digits, got ''; " +
          'is the function mapped to the stream of the outbox table?',
      }),
    );
  });
});
