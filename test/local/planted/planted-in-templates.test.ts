import { beforeAll, describe, expect, it } from 'vitest';
import { synthesizeVersions, type Versions } from './hub-versions.ts';
import { PLANTED_IN_TEMPLATES } from './planted-in-templates.ts';
import { searchOrders } from './run-update.ts';

const SEEDS = [3, 11, 29] as const;
const ORDERS = 10;
/** Most orders are harmless by chance where one dependency of many is missing; the search ends at the first that is not. */
const ORDERS_UNTIL_FOUND = 150;

let versions: Versions;

beforeAll(() => {
  versions = synthesizeVersions();
});

describe("an update of what Waybill's constructs make, while events flow", () => {
  it.each(SEEDS)('keeps every promise in the orders of seed %i', async (seed) => {
    const { orders, wrong } = await searchOrders(versions, (template) => template, { seed, orders: ORDERS });

    expect(wrong).toStrictEqual([]);
    expect(orders).toBe(ORDERS);
  });

  it.each(
    SEEDS.flatMap((seed) =>
      Object.entries(PLANTED_IN_TEMPLATES).map(([name, { shows, plant }]) => [name, seed, shows, plant] as const),
    ),
  )('shows that %s, at seed %i', async (_, seed, shows, plant) => {
    const { wrong } = await searchOrders(versions, plant, { seed, orders: ORDERS_UNTIL_FOUND });

    expect(wrong).toContainEqual(expect.stringMatching(shows));
  });
});
