import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openOrders } from '../../../local/orders/open-orders.ts';
import type { OrderCommand } from '../../../local/orders/order-command.ts';
import { createTemporaryFolder } from '../../../local/temporary-folder.ts';

const HEADER = 'InvoiceNo,InvoiceDate,CustomerID,TotalPrice';

const readFile = async (text: string, orders?: number) => {
  using folder = createTemporaryFolder();
  const inputFile = join(folder.path, 'invoices.csv');
  writeFileSync(inputFile, text);
  const said: string[] = [];
  const source = await openOrders(
    { inputFile, orders, seed: 1 },
    {
      onBadLine: (file, line, reason) => said.push(`${file === inputFile} ${line} bad: ${reason}`),
      onNotice: (file, line, notice) => said.push(`${file === inputFile} ${line} notice: ${notice}`),
    },
  );
  try {
    const orders: OrderCommand[] = [];
    for await (const order of source.orders) orders.push(order);
    return { said, total: source.total, orders };
  } finally {
    await source.close();
  }
};

describe('orders from a CSV file', () => {
  it('makes an order of each line, with one assorted item', async () => {
    const { orders, said, total } = await readFile(`${HEADER}\n536365,2010-12-01,17850,139.12\n`);

    expect(orders).toEqual([
      {
        orderId: '536365',
        customerId: '17850',
        lines: [{ sku: 'ASSORTED', quantity: 1 }],
        total: { currency: 'GBP', minorUnits: 13_912 },
      },
    ]);
    expect(said).toEqual([]);
    expect(total).toBeUndefined();
  });

  it('reports bad lines with their number and reason, and goes on', async () => {
    const { orders, said } = await readFile(
      [
        HEADER,
        'C536367,2010-12-01,13047,278.73',
        '536368,2010-12-01,,70.05',
        '',
        '536369,2010-12-01,13047,-3.5',
        '536370,2010-12-01,13047,abc',
        ',2010-12-01,,abc',
        '536371,2010-12-01,13047',
        '"536372,2010-12-01,13047,5',
        '53 6373,2010-12-01,13047,1',
        '536374,2010-12-01,13047,1',
      ].join('\n'),
    );

    expect(said).toEqual([
      "true 2 bad: InvoiceNo 'C536367' is a cancellation, not an order",
      'true 3 bad: CustomerID is missing',
      "true 5 bad: TotalPrice '-3.5' is negative",
      "true 6 bad: TotalPrice 'abc' is no decimal number like 12.50",
      "true 7 bad: InvoiceNo is missing; CustomerID is missing; TotalPrice 'abc' is no decimal number like 12.50",
      'true 8 bad: 4 fields are needed, got 3',
      'true 9 bad: it is no CSV: Quote Not Closed: the parsing is finished with an opening quote',
      "true 10 bad: InvoiceNo '53 6373' has other characters than letters, digits, '.', '_' and '-', or more than 64",
    ]);
    expect(orders.map(({ orderId }) => orderId)).toEqual(['536374']);
  });

  it('says when an amount was rounded by more than noise', async () => {
    const { orders, said } = await readFile(`${HEADER}\n1,2010-12-01,2,22.200000000000003\n2,2010-12-01,2,12.345\n`);

    expect(said).toEqual(["true 3 notice: TotalPrice '12.345' was rounded to 12.35"]);
    expect(orders.map(({ total }) => total.minorUnits)).toEqual([2_220, 1_235]);
  });

  it('takes a byte order mark, carriage returns and quotes as spreadsheets write them', async () => {
    const { orders, said } = await readFile(`\uFEFF${HEADER}\r\n"536365","2010-12-01","17850","1.50"\r\n`);

    expect(said).toEqual([]);
    expect(orders).toMatchObject([{ orderId: '536365', customerId: '17850', total: { minorUnits: 150 } }]);
  });

  it('keeps duplicate invoice numbers: placing an order twice is harmless', async () => {
    const { orders } = await readFile(`${HEADER}\n1,2010-12-01,2,1\n1,2010-12-01,2,1\n`);

    expect(orders).toHaveLength(2);
  });

  it('takes no more orders than asked for, and judges no line after them', async () => {
    const { orders, said } = await readFile(`${HEADER}\n1,2010-12-01,2,1\nbad\n2,2010-12-01,2,1\nbad\n`, 2);

    expect(orders.map(({ orderId }) => orderId)).toEqual(['1', '2']);
    expect(said).toEqual(['true 3 bad: 4 fields are needed, got 1']);
  });

  it('rejects a file with another header', async () => {
    await expect(readFile('Invoice,Date\n1,2\n')).rejects.toMatchObject({
      code: 'LOCAL_USAGE',
      message: expect.stringMatching(
        /^--input '.*invoices.csv' must begin with the line 'InvoiceNo,InvoiceDate,CustomerID,TotalPrice', got 'Invoice,Date'$/,
      ),
    });
  });

  it('rejects an empty file', async () => {
    await expect(readFile('')).rejects.toMatchObject({
      code: 'LOCAL_USAGE',
      message: expect.stringContaining("got ''"),
    });
  });

  it.each(['/nonexistent/invoices.csv', '/'])('rejects %s, which cannot be read', async (inputFile) => {
    const opened = openOrders({ inputFile, orders: 1, seed: 1 }, { onBadLine: () => {}, onNotice: () => {} });

    await expect(opened).rejects.toMatchObject({
      code: 'LOCAL_USAGE',
      message: expect.stringMatching(`^--input '${inputFile}' cannot be read: E`),
    });
  });
});
