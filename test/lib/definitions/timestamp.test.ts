import { expect, it } from 'vitest';
import { defineSubscription, isTimestamp } from '../../../lib/definitions/index.ts';
import { Deposited } from '../../fixtures/events.ts';

it.each([
  '2026-07-01T00:00:00Z',
  '2026-07-01T00:00:00.123456Z',
  '2026-07-01t02:00:00z',
  '2026-07-01T02:00:00+02:00',
  '2028-02-29T23:59:59-11:30',
])('%s is a valid timestamp', (text) => {
  expect(isTimestamp(text)).toBe(true);
  expect(defineSubscription({ name: 'a', events: [Deposited], startFrom: text }).startFrom).toBe(text);
});

it.each([
  '7',
  '2026',
  '2026-07-01',
  '2026-07-01T00:00:00',
  '2026-07-01 00:00:00Z',
  '2026-7-1T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2027-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-07-01T25:00:00Z',
  'July 2026',
  '1767225600000',
  '',
])("'%s' is not a valid timestamp and not a valid start of a subscription", (text) => {
  expect(isTimestamp(text)).toBe(false);
  expect(() => defineSubscription({ name: 'a', events: [Deposited], startFrom: text })).toThrow(
    `startFrom must be 'deployment', 'horizon' or an RFC 3339 timestamp with an offset such as '2026-07-01T00:00:00Z', got '${text}'`,
  );
});
