import { describe, expect, it } from 'vitest';
import type { CommittedChange } from '../../../../../local/dynamodb/dynamodb.ts';
import { watchSetbacks } from '../../../local/orders/status-setbacks.ts';

const orderIn = (status: string | undefined) =>
  status === undefined ? undefined : { orderId: { S: '7' }, status: { S: status } };

const setbacksAfter = (
  ...steps: (readonly [table: string, before: string | undefined, after: string | undefined])[]
) => {
  let listener: (changes: readonly CommittedChange[]) => void = () => {};
  using setbacks = watchSetbacks(
    {
      onCommit(given) {
        listener = given;
        return () => {};
      },
    },
    'orders',
  );
  for (const [tableName, before, after] of steps) {
    listener([{ tableName, before: orderIn(before), after: orderIn(after) }]);
  }
  return setbacks.list();
};

describe('watchSetbacks', () => {
  it('finds nothing if orders advance, keep their status, or are deleted', () => {
    expect(
      setbacksAfter(
        ['orders', undefined, 'placed'],
        ['orders', 'placed', 'paid'],
        ['orders', 'paid', 'paid'],
        ['orders', 'paid', 'shipped'],
        ['orders', 'shipped', undefined],
      ),
    ).toEqual([]);
  });

  it('finds an order that returns to an earlier status', () => {
    expect(setbacksAfter(['orders', 'shipped', 'paid'])).toEqual(['order 7 went from shipped back to paid']);
  });

  it('finds an order that leaves a final status, and one that is no longer being cancelled', () => {
    expect(
      setbacksAfter(
        ['orders', 'shipped', 'cancelled'],
        ['orders', 'cancelled', 'shipped'],
        ['orders', 'cancelling', 'reserved'],
      ),
    ).toEqual([
      'order 7 went from shipped back to cancelled',
      'order 7 went from cancelled back to shipped',
      'order 7 went from cancelling back to reserved',
    ]);
  });

  it('lets a cancellation end either way', () => {
    expect(
      setbacksAfter(
        ['orders', 'paid', 'cancelling'],
        ['orders', 'cancelling', 'cancelled'],
        ['orders', 'cancelling', 'shipped'],
        ['orders', 'placed', 'cancelled'],
      ),
    ).toEqual([]);
  });

  it('checks only the orders table', () => {
    expect(setbacksAfter(['other', 'shipped', 'paid'])).toEqual([]);
  });
});
