import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CsvLine, openCsvFile } from '../../../local/orders/csv-file.ts';

const FORMS = { notes: ['id', 'note'], totals: ['id', 'total', 'currency'] };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csv-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function linesOf(text: string): Promise<readonly CsvLine[]> {
  const path = join(folder, 'orders.csv');
  await writeFile(path, text);
  await using file = await openCsvFile(path, FORMS);
  const lines: CsvLine[] = [];
  for await (const line of file.lines) lines.push(line);
  return lines;
}

const NOT_CLOSED =
  'a quote is opened and not closed within 50 lines: close it, and write a quote that is part of a value twice';

describe('a CSV file', () => {
  it('can contain line breaks, commas and quotes in quoted values', async () => {
    const lines = await linesOf('id,note\n1,"two\n\nlines, and a ""quote"""\n2,plain\r\n3,"a\r\nb"\n');

    expect(lines).toStrictEqual([
      { number: 2, fields: ['1', 'two\n\nlines, and a "quote"'] },
      { number: 5, fields: ['2', 'plain'] },
      { number: 6, fields: ['3', 'a\nb'] },
    ]);
  });

  it('is read further after a quote that is never closed', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `${index},x`);

    const lines = await linesOf(['id,note', 'a,"open', ...many].join('\n'));

    expect(lines[0]).toStrictEqual({ number: 2, fields: NOT_CLOSED });
    expect(lines.slice(1).map(({ number, fields }) => [number, fields[0]])).toStrictEqual(
      many.map((_, index) => [index + 3, String(index)]),
    );
  });

  it('is read further after an unclosed quote at its end', async () => {
    expect(await linesOf('id,note\na,"open\nb,y')).toStrictEqual([
      { number: 2, fields: NOT_CLOSED },
      { number: 3, fields: ['b', 'y'] },
    ]);
  });

  it('with an invalid line is read except for that line, and the problem is reported', async () => {
    expect(await linesOf('id,note\n1,5" disk\n2,y')).toStrictEqual([
      { number: 2, fields: 'it cannot be read as CSV: Invalid Opening Quote: a quote is found on field 1' },
      { number: 3, fields: ['2', 'y'] },
    ]);
  });

  it('is recognized by its header, with or without a byte order mark', async () => {
    const path = join(folder, 'bom.csv');
    await writeFile(path, '\uFEFFid,total,currency\n');
    await using file = await openCsvFile(path, FORMS);

    expect(file.form).toBe('totals');
    await expect(linesOf('id;note\n')).rejects.toThrow(
      "must begin with the line 'id,note' or 'id,total,currency', got 'id;note'",
    );
  });
});
