import { describe, expect, it } from 'vitest';
import { createEventIds } from '../../../lib/event/index.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';

describe('createEventIds', () => {
  it('creates a UUIDv7 from the injected time', () => {
    const ids = createEventIds(createTestClock(), (count) => new Uint8Array(count).fill(0xab));

    const id = ids.newEventId();

    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(1_795_154_400_000);
  });

  it('never creates a trace id or span id of zeros, which W3C forbids', () => {
    let calls = 0;
    const ids = createEventIds(createTestClock(), (count) => new Uint8Array(count).fill(calls++ === 0 ? 0 : 1));

    expect(ids.newTraceId()).toBe('01010101010101010101010101010101');
    expect(ids.newSpanId()).toBe('0101010101010101');
  });
});
