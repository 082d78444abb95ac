import { expect, it } from 'vitest';
import { nearestOf } from '../../../lib/shared/nearest.ts';

const NAMES = ['held', 'skip', 'resend', 'com.example.order.placed', 'com.example.order.cancelled'];

it.each([
  ['held', 'held'],
  ['hedl', 'held'],
  ['Held', 'held'],
  ['resends', 'resend'],
  ['com.example.order.plcaed', 'com.example.order.placed'],
  ['com.example.order.canceled', 'com.example.order.cancelled'],
  ['audit', undefined],
  ['', undefined],
  ['com.acme.shipment', undefined],
])("the nearest known name to '%s' is %s", (text, expected) => {
  expect(nearestOf(text, NAMES)).toBe(expected);
});
