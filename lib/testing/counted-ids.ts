import type { EventIds } from '../event/index.ts';

/**
 * Creates ids that are the same in every run: `event-1`, `event-2`, …, `correlation-1`, …; traces and spans are
 * hexadecimal numbers.
 */
export function createCountedIds(): EventIds & { newToken(): string } {
  const counts = { event: 0, correlation: 0, trace: 0, span: 0, token: 0 };
  const next = (kind: keyof typeof counts) => {
    counts[kind] += 1;
    return counts[kind];
  };
  return {
    newEventId: () => `event-${next('event')}`,
    newCorrelationId: () => `correlation-${next('correlation')}`,
    newTraceId: () => next('trace').toString(16).padStart(32, '0'),
    newSpanId: () => next('span').toString(16).padStart(16, '0'),
    newToken: () => `token-${next('token')}`,
  };
}
