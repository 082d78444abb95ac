import { describe, expect, it } from 'vitest';
import { readRetryAfter } from '../../../lib/resilience/status-error.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

const clock = { now: () => Date.parse('2026-11-20T06:00:00.500Z') as EpochMs };

describe('Retry-After', () => {
  it.each<[string | null, number | undefined]>([
    ['120', 120],
    [' 0 ', 0],
    ['Fri, 20 Nov 2026 06:01:00 GMT', 60],
    ['Fri, 20 Nov 2026 05:00:00 GMT', 0],
    ['31536000', 43_200],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    [null, undefined],
  ])('of %j asks for %j seconds', (header, seconds) => {
    expect(readRetryAfter(header, clock)).toBe(seconds);
  });
});
