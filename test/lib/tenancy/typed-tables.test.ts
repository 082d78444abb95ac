import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { createHarness } from '../../../lib/testing/index.ts';

const BILLS_TABLE = {
  partitionKey: { name: 'custId', type: 'S' },
  sortKey: { name: 'number', type: 'N' },
} as const satisfies TableSchema;

/** What is stored has a text where the code has a Date. */
const billSchema = z.object({
  custId: z.string(),
  number: z.int(),
  pence: z.int(),
  dueAt: z.string().transform((text) => new Date(text)),
});

const BILL = { custId: 'ann', number: 1, pence: 250, dueAt: '2026-01-05T00:00:00.000Z' };

const createBills = () => {
  const shop = createHarness({ tables: { bills: BILLS_TABLE } });
  return { shop, bills: shop.table('bills', billSchema) };
};

describe('a table with a schema', () => {
  it('stores the input of the schema and reads its output', async () => {
    const { bills } = createBills();

    await bills.put({ Item: BILL });

    const bill = await bills.get({ custId: 'ann', number: 1 });
    expect(bill).toStrictEqual({ ...BILL, dueAt: new Date('2026-01-05T00:00:00.000Z') });
    expectTypeOf(bill).toEqualTypeOf<z.output<typeof billSchema> | undefined>();
  });

  it('refuses a stored item that does not match the schema, and names the path without the value', async () => {
    const { shop, bills } = createBills();
    const untyped = shop.table('bills', (item) => item);
    await untyped.put({ Item: { ...BILL, pence: 'two pounds' } });

    await expect(bills.get({ custId: 'ann', number: 1 })).rejects.toMatchObject({
      code: 'TABLE_ITEM_INVALID',
      message: expect.stringMatching(/^table 'bills' has an item that is not valid: pence: (?!.*two pounds)/),
    });
  });

  it('refuses an asynchronous schema', async () => {
    const { shop, bills } = createBills();
    const checked = shop.table(
      'bills',
      billSchema.refine(async () => true),
    );
    await bills.put({ Item: BILL });

    await expect(checked.get({ custId: 'ann', number: 1 })).rejects.toMatchObject({
      message: "table 'bills' has an item that is not valid: its schema is asynchronous, and must be synchronous",
    });
  });

  it('compiles only with the declared attributes, types and key', () => {
    const { bills } = createBills();

    const calls = () => {
      // @ts-expect-error a number for a text
      void bills.put({ Item: { ...BILL, custId: 42 } });
      // @ts-expect-error an attribute that is not declared
      void bills.put({ Item: { custId: 'ann', number: 1, pence: 250, dueAt: BILL.dueAt, colour: 'red' } });
      // @ts-expect-error an attribute is missing
      void bills.put({ Item: { custId: 'ann', number: 1, pence: 250 } });
      // @ts-expect-error a key of another name
      void bills.get({ customerId: 'ann', number: 1 });
      // @ts-expect-error half a key
      void bills.get({ custId: 'ann' });
      // @ts-expect-error a text for a number
      void bills.delete({ Key: { custId: 'ann', number: '1' } });
      // @ts-expect-error a number for a text
      void bills.update({ Key: { custId: 42, number: 1 }, UpdateExpression: 'SET pence = :p' });
      void bills.transact((writes) => {
        // @ts-expect-error a number for a text
        writes.put({ Item: { ...BILL, custId: 42 } });
        // @ts-expect-error a key of another name
        writes.conditionCheck({ Key: { id: 'ann' }, ConditionExpression: 'attribute_exists(custId)' });
      });
    };

    expect(calls).toBeTypeOf('function');
  });

  it('accepts any item if it has only a parse function', async () => {
    const { shop } = createBills();
    const untyped = shop.table('bills', (item) => billSchema.parse(item));

    await untyped.put({ Item: { ...BILL, colour: 'red' } });

    expect(shop.items('bills')).toStrictEqual([{ ...BILL, colour: 'red' }]);
  });
});
