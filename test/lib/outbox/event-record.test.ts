import { describe, expect, it } from 'vitest';
import { entrySizeBytes, fitsIntoCall } from '../../../lib/outbox/event-record.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

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
