import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SAGAS_TABLE, type SagaDefinition } from 'waybill';
import type { SubscriptionHandlers } from 'waybill/consumer';
import { createSagaHandlers, createSagaReader, parseSagaItem } from 'waybill/saga';
import { createHarness } from 'waybill/testing';
import { OrderPlaced } from '../../functions/orders/events.ts';
import { unpackPages } from './page-files.ts';

const { folder } = unpackPages('docs/sagas.md');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (path: string) => import(join(folder, path));

describe('the saga of docs/sagas.md', () => {
  it('rewards an order that is large enough, and takes back the points of an order that is too small', async () => {
    const { rewards }: { rewards: SagaDefinition } = await load('functions/rewards/saga.ts');
    const { createRewardsDeskHandlers }: { createRewardsDeskHandlers: () => SubscriptionHandlers } = await load(
      'functions/rewards-desk/handler.ts',
    );
    const harness = createHarness({ tables: { sagas: SAGAS_TABLE } });
    const table = harness.table('sagas', parseSagaItem);
    const metrics = { addMetric: () => undefined };
    harness.serve(createSagaHandlers(rewards, { table, timers: harness.timers, metrics, clock: harness.clock }));
    harness.serve(createRewardsDeskHandlers());

    for (const [orderId, minorUnits] of [
      ['large', 2_000],
      ['small', 1_999],
    ] as const) {
      const lines = [{ sku: 'TEA', quantity: 1 }];
      await harness.publish(OrderPlaced, { orderId, customerId: '7', lines, total: { currency: 'GBP', minorUnits } });
    }
    await harness.runToEnd();

    const reader = createSagaReader(table);
    expect(await reader.status('large')).toMatchObject({ status: 'completed', data: { voucher: 'voucher-large' } });
    expect(await reader.status('small')).toMatchObject({
      status: 'compensated',
      failure: { kind: 'refused', step: 'voucher' },
    });
  });
});
