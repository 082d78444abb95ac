import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../../../../local/temporary-folder.ts';
import { openOrders } from '../../../local/orders/open-orders.ts';

const HEADER = 'InvoiceNo,InvoiceDate,CustomerID,TotalPrice';
const LINES_HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

const readFile = async (text: string, orders?: number) => {
  using folder = createTemporaryFolder();
  const inputFile = join(folder.path, 'invoices.csv');
  writeFileSync(inputFile, text);
  const said: string[] = [];
  const plan = await openOrders(
    { inputFile, orders, seed: 1 },
    {
      onBadLine: (file, line, reason) => said.push(`${file === inputFile} ${line} bad: ${reason}`),
      onNotice: (file, line, notice) => said.push(`${file === inputFile} ${line} notice: ${notice}`),
    },
  );
  const placed = plan.steps.flatMap((step) => (step.kind === 'place' ? [step.order] : []));
  const stepsInShort = plan.steps.map((step) => (step.kind === 'place' ? step.order.orderId : `-${step.orderId}`));
  return { said, plan, orders: placed, stepsInShort };
};

describe('orders from a CSV file of invoices', () => {
  it('makes an order of each line, with one assorted item', async () => {
    const { orders, said, plan } = await readFile(`${HEADER}\n536365,2010-12-01,17850,139.12\n`);

    expect(orders).toMatchObject([
      {
        orderId: '536365',
        customerId: '17850',
        lines: [{ sku: 'ASSORTED', quantity: 1 }],
        total: { currency: 'GBP', minorUnits: 13_912 },
      },
    ]);
    expect(said).toEqual([]);
    expect(plan.products).toEqual([{ sku: 'ASSORTED', name: 'Assorted goods', price: null }]);
    expect([...plan.stock]).toEqual([['ASSORTED', 101]]);
  });

  it('reports bad lines with their number and reason, and continues', async () => {
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
      'true 9 bad: a quote is opened and not closed within 50 lines: close it, and write a quote that is part of a value twice',
      "true 10 bad: InvoiceNo '53 6373' has other characters than letters, digits, '.', '_' and '-', or more than 64",
    ]);
    expect(orders.map(({ orderId }) => orderId)).toEqual(['536374']);
  });

  it('reports if an amount was rounded by more than floating-point noise', async () => {
    const { orders, said } = await readFile(`${HEADER}\n1,2010-12-01,2,22.200000000000003\n2,2010-12-01,2,12.345\n`);

    expect(said).toEqual(["true 3 notice: TotalPrice '12.345' was rounded to 12.35"]);
    expect(orders.map(({ total }) => total.minorUnits)).toEqual([2_220, 1_235]);
  });

  it('accepts a byte order mark, carriage returns and quotes as spreadsheets write them', async () => {
    const { orders, said } = await readFile(`\uFEFF${HEADER}\r\n"536365","2010-12-01","17850","1.50"\r\n`);

    expect(said).toEqual([]);
    expect(orders).toMatchObject([{ orderId: '536365', customerId: '17850', total: { minorUnits: 150 } }]);
  });

  it('keeps duplicate invoice numbers: placing an order twice is harmless', async () => {
    const { orders } = await readFile(`${HEADER}\n1,2010-12-01,2,1\n1,2010-12-01,2,1\n`);

    expect(orders).toHaveLength(2);
  });

  it('reads no more orders than requested, and does not check the lines after them', async () => {
    const { orders, said } = await readFile(`${HEADER}\n1,2010-12-01,2,1\nbad\n2,2010-12-01,2,1\nbad\n`, 2);

    expect(orders.map(({ orderId }) => orderId)).toEqual(['1', '2']);
    expect(said).toEqual(['true 3 bad: 4 fields are needed, got 1']);
  });

  it('rejects a file with another header', async () => {
    await expect(readFile('Invoice,Date\n1,2\n')).rejects.toMatchObject({
      code: 'LOCAL_USAGE',
      message: expect.stringMatching(
        /^--input '.*invoices.csv' must begin with the line 'InvoiceNo,InvoiceDate,CustomerID,TotalPrice' or 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country', got 'Invoice,Date'$/,
      ),
    });
  });

  it.each([
    ['only a header', `${HEADER}\n`, 'InvoiceNo,InvoiceDate,CustomerID,TotalPrice'],
    ['only bad lines', `${HEADER}\n1,2010-12-01,,5.00\n`, 'InvoiceNo,InvoiceDate,CustomerID,TotalPrice'],
    [
      'only cancellations',
      `${LINES_HEADER}\nC1,CUP,A cup,-1,12/1/10 8:26,1,17850,France\n`,
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
    ],
  ])('rejects a file with %s', async (_what, text, columns) => {
    await expect(readFile(text)).rejects.toMatchObject({
      code: 'LOCAL_USAGE',
      message: expect.stringMatching(
        new RegExp(
          `^--input '.*invoices.csv' holds no order that can be placed: add a line with all of ${columns}, or leave --input out to generate orders$`,
        ),
      ),
    });
  });

  it.each(['2010-12-01', '2010-1-2 08:26', '2010-12-01T08:26:00Z', '12/1/10 8:26', '2/29/2012'])(
    'accepts the date %s',
    async (date) => {
      const { said } = await readFile(`${HEADER}\n1,${date},2,1\n`);

      expect(said).toEqual([]);
    },
  );

  it.each(['yesterday', '2010-13-01', '2010-02-30', '2/29/2011', '31/12/2010', '2010-12-01 25:00', '20101201'])(
    'reports the date %s as a bad line',
    async (date) => {
      const { orders, said } = await readFile(`${HEADER}\n1,${date},2,1\n2,2010-12-01,2,1\n`);

      expect(said).toEqual([`true 2 bad: InvoiceDate '${date}' is no date like 2010-12-01 or 12/1/10 8:26`]);
      expect(orders.map(({ orderId }) => orderId)).toEqual(['2']);
    },
  );

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

describe('orders from a CSV file of order lines', () => {
  const line = (invoiceNo: string, sku: string, quantity: number | string, price: string, customerId = '17850') =>
    `${invoiceNo},${sku},"${sku}, nice",${quantity},12/1/10 8:26,${price},${customerId},United Kingdom`;

  const read = (lines: readonly string[], orders?: number) => readFile([LINES_HEADER, ...lines].join('\n'), orders);

  it('makes an order of the lines of an invoice, with its goods and its total', async () => {
    const { orders, plan, said } = await read([
      line('1', 'LANTERN', 6, '2.55'),
      line('1', 'CUP', 2, '3.39'),
      line('2', 'CUP', 1, '3.39', '13047'),
    ]);

    expect(said).toEqual([]);
    expect(orders).toMatchObject([
      {
        orderId: '1',
        customerId: '17850',
        lines: [
          { sku: 'LANTERN', quantity: 6 },
          { sku: 'CUP', quantity: 2 },
        ],
        total: { currency: 'GBP', minorUnits: 2208 },
      },
      {
        orderId: '2',
        customerId: '13047',
        lines: [{ sku: 'CUP', quantity: 1 }],
        total: { currency: 'GBP', minorUnits: 339 },
      },
    ]);
    expect(plan.products).toEqual([
      { sku: 'LANTERN', name: 'LANTERN, nice', price: { currency: 'GBP', minorUnits: 255 } },
      { sku: 'CUP', name: 'CUP, nice', price: { currency: 'GBP', minorUnits: 339 } },
    ]);
    expect([...plan.stock]).toEqual([
      ['LANTERN', 106],
      ['CUP', 103],
    ]);
  });

  it('adds up lines with the same product, and sets no price for a product with several prices', async () => {
    const { orders, plan } = await read([
      line('1', 'CUP', 2, '3.00'),
      line('1', 'CUP', 1, '2.00'),
      line('2', 'CUP', 1, '3.00'),
    ]);

    expect(orders[0]).toMatchObject({ lines: [{ sku: 'CUP', quantity: 3 }], total: { minorUnits: 800 } });
    expect(plan.products).toEqual([{ sku: 'CUP', name: 'CUP, nice', price: null }]);
  });

  it('cancels the newest earlier order of the customer that contains all returned goods', async () => {
    const { stepsInShort, said } = await read([
      line('1', 'CUP', 1, '1'),
      line('1', 'POT', 1, '1'),
      line('2', 'CUP', 1, '1'),
      line('2', 'POT', 1, '1'),
      line('3', 'CUP', 1, '1'),
      line('4', 'CUP', 1, '1', 'another'),
      line('4', 'POT', 1, '1', 'another'),
      line('C5', 'POT', -1, '1'),
      line('C5', 'CUP', -1, '1'),
      line('6', 'POT', 1, '1'),
      line('6', 'CUP', 1, '1'),
    ]);

    expect(stepsInShort).toEqual(['1', '2', '3', '4', '-2', '6']);
    expect(said).toEqual([]);
  });

  it('reports a cancellation without a matching order', async () => {
    const { stepsInShort, said } = await read([
      line('1', 'CUP', 1, '1'),
      line('C2', 'POT', -1, '1'),
      line('C3', 'CUP', -1, '1', 'another'),
    ]);

    expect(stepsInShort).toEqual(['1']);
    expect(said).toEqual([
      "true 3 notice: InvoiceNo 'C2' cancels nothing known: customer 17850 has no earlier order that holds POT",
      "true 4 notice: InvoiceNo 'C3' cancels nothing known: customer another has no earlier order that holds CUP",
    ]);
  });

  it('reports bad lines, and makes the order from the others', async () => {
    const { orders, said } = await read([
      line('1', 'CUP', 1, '1', ''),
      line('1', 'POT', 0, '1'),
      line('1', '', 1, '-2'),
      line('1', 'PAN', 1, '1'),
      line('1', 'JUG', 1, '1', 'another'),
      '1,JUG',
      '1,JUG,A jug,1,,1,17850,France',
    ]);

    expect(said).toEqual([
      'true 2 bad: CustomerID is missing',
      "true 3 bad: Quantity '0' is not from 1 to 1000000",
      "true 4 bad: StockCode is missing; UnitPrice '-2' is negative",
      "true 6 bad: CustomerID 'another' is not the invoice's, '17850'",
      'true 7 bad: 8 fields are needed, got 2',
      'true 8 bad: InvoiceDate is missing',
    ]);
    expect(orders).toMatchObject([{ orderId: '1', lines: [{ sku: 'PAN', quantity: 1 }] }]);
  });

  it('reads no more orders than requested, with the cancellations before the next order', async () => {
    const { stepsInShort, said } = await read(
      [line('1', 'CUP', 1, '1'), line('C2', 'CUP', -1, '1'), line('3', 'CUP', 1, '1'), 'bad'],
      1,
    );

    expect(stepsInShort).toEqual(['1', '-1']);
    expect(said).toEqual([]);
  });
});
