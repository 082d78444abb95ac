import { describe, expect, it } from 'vitest';
import type { SagaStatus } from '../../../../../lib/saga/index.ts';
import { checkSagas } from '../../../local/invariants/sagas.ts';
import { factsOf, factsOfTwo, order } from './facts.ts';

const saga = (sagaId: string, status: SagaStatus, tenantId?: string) => ({ tenantId, item: { sagaId, status } });

describe('the sagas of orders', () => {
  it('are completed for shipped orders, compensated for cancelled ones', () => {
    const facts = factsOf({ orders: [order('1'), order('2', { status: 'cancelled' })] });

    expect(checkSagas(facts, [saga('1', 'completed'), saga('2', 'compensated')])).toMatchObject({
      holds: true,
      detail: ['2 sagas'],
    });
  });

  it('are reported if they are running, failed, missing, ended differently, or of another tenant', () => {
    const facts = factsOfTwo(
      { orders: [order('1'), order('2'), order('3'), order('4', { status: 'cancelled' })] },
      { orders: [order('5')] },
    );
    const sagas = [
      saga('1', 'running', 'a'),
      saga('2', 'compensation-failed', 'a'),
      saga('4', 'completed', 'a'),
      saga('5', 'completed', 'a'),
    ];

    expect(checkSagas(facts, sagas)).toMatchObject({
      holds: false,
      detail: [
        'order 1 of a is shipped, and its saga running',
        'order 2 of a is shipped, and its saga compensation-failed',
        'order 3 of a is shipped, and its saga does not exist',
        'order 4 of a is cancelled, and its saga completed',
        'order 5 of b is shipped, and its saga does not exist',
        'a saga of order 5 of a is completed; there is no such order',
      ],
    });
  });
});
