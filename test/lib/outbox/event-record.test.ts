import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  entrySizeBytes,
  fitsIntoCall,
  type NewEventRecord,
  recordItem,
  recordOf,
} from '../../../lib/outbox/event-record.ts';
import { itemBytes } from '../../../lib/outbox/item-size.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

const eventWith = (body: string): NewEventRecord => ({
  group: 'order#1',
  sequence: 2,
  id: '0199f0a1-7c1e-7d2a-9b0e-2f6f0d1c9a10',
  source: '/orders',
  type: 'com.example.order.placed',
  body,
  committedAt: 1_795_154_400_000 as EpochMs,
  expires: 1_795_154_460 as EpochSeconds,
  previousExpires: 1_795_154_450 as EpochSeconds,
});

/** As many write units as the item costs outside a transaction. */
const unitsOf = (item: ReturnType<typeof recordItem>) => Math.ceil(itemBytes(item) / 1024);

describe('the stored event', () => {
  it('is compressed if that saves a write unit, and read back as the very string', () => {
    const body = JSON.stringify({ text: 'Ünïcode and "quotes" '.repeat(60) });
    const event = eventWith(body);

    const [plain, stored] = [recordItem(event), recordItem(event, { compress: true })];

    expect([unitsOf(plain), unitsOf(stored)]).toStrictEqual([2, 1]);
    expect(stored['format']).toStrictEqual({ N: '2' });
    expect(stored['event']?.B).toBeInstanceOf(Uint8Array);
    expect(recordOf(stored)).toStrictEqual(event);
  });

  it.each([
    ['takes one write unit anyway', 'a'.repeat(700)],
    ['would not get smaller by a unit', randomText(1_400)],
  ])('is not compressed if it %s', (_, body) => {
    const event = eventWith(body);

    expect(recordItem(event, { compress: true })).toStrictEqual(recordItem(event));
    expect(recordItem(event, { compress: true })).toMatchObject({ format: { N: '1' }, event: { S: body } });
  });

  it('is not compressed unless that is turned on', () => {
    expect(recordItem(eventWith('a'.repeat(5_000)))).toMatchObject({
      format: { N: '1' },
      event: { S: 'a'.repeat(5_000) },
    });
  });

  it('never costs more units compressed than plain, and is the same event, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 6_000, size: 'max' }), (text) => {
        const event = eventWith(JSON.stringify({ text }));
        const stored = recordItem(event, { compress: true });

        expect(unitsOf(stored)).toBeLessThanOrEqual(unitsOf(recordItem(event)));
        expect(recordOf(stored)).toStrictEqual(event);
      }),
    );
  });

  it('has no body if its bytes cannot be decompressed', () => {
    const stored = recordItem(eventWith('a'.repeat(5_000)), { compress: true });

    expect(recordOf({ ...stored, event: { B: Buffer.from('damaged') } }).body).toBe('');
  });
});

/** Text that does not compress below its number of bytes by much. */
function randomText(length: number): string {
  let state = 1;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 94));
  };
  return Array.from({ length }, next).join('');
}

describe('entrySizeBytes', () => {
  it('counts 14 bytes for the time and the UTF-8 bytes of source, type and detail', () => {
    const entry = { source: '/cafés', detailType: 'com.example.x', detail: '{"a":"€"}', time: 0 as EpochMs };

    expect(entrySizeBytes(entry)).toBe(14 + 7 + 13 + 11);
  });
});

describe('fitsIntoCall', () => {
  it('takes what is smaller than 1 MB, and not 1 MB itself', () => {
    expect(fitsIntoCall(1_048_575)).toBe(true);
    expect(fitsIntoCall(1_048_576)).toBe(false);
  });
});
