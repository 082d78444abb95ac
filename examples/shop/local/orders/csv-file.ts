import { type FileHandle, open } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { describeThrown } from '../../../../lib/shared/thrown.ts';
import { UsageError } from '../../../../local/start/usage-error.ts';

export interface CsvLine {
  /** In the file, from 1; the header is the first. Of a record of several lines, its first. */
  readonly number: number;
  /** The reason, when the record cannot be split. */
  readonly fields: readonly string[] | string;
}

export interface CsvFile<Form extends string> extends AsyncDisposable {
  readonly form: Form;
  /** What follows the header, without empty lines; read as it is asked for. */
  readonly lines: AsyncIterable<CsvLine>;
}

/**
 * Opens a file and tells from its header which form it has.
 * @throws UsageError `LOCAL_USAGE`: no such file, or a header of no form
 */
export async function openCsvFile<Form extends string>(
  file: string,
  forms: Readonly<Record<Form, readonly string[]>>,
): Promise<CsvFile<Form>> {
  const handle = await openFile(file);
  try {
    const lines = handle.readLines({ encoding: 'utf8' })[Symbol.asyncIterator]();
    const first = await lines.next();
    const form = formOf(file, first.done === true ? '' : first.value, forms);
    return { form, lines: splitLines(lines), [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error instanceof UsageError ? error : unreadable(file, error);
  }
}

/** A value of more lines than this is taken for a quote that somebody forgot to close. */
const MOST_LINES_OF_VALUE = 50;

/**
 * Yields a record per line, and one for several lines where a quoted value holds line breaks. A quote that is never closed
 * spoils its own line only: the lines after it are read for themselves.
 */
async function* splitLines(lines: AsyncIterator<string>): AsyncGenerator<CsvLine> {
  const ahead: string[] = [];
  const next = async (): Promise<string | undefined> => {
    if (ahead.length > 0) return ahead.shift();
    const { value, done } = await lines.next();
    return done === true ? undefined : value;
  };
  for (let number = 2; ; number++) {
    const text = await next();
    if (text === undefined) return;
    if (text.trim() === '') continue;
    const more: string[] = [];
    let fields = splitFields(text);
    while (fields === NOT_CLOSED && more.length < MOST_LINES_OF_VALUE) {
      const line = await next();
      if (line === undefined) break;
      more.push(line);
      fields = splitFields([text, ...more].join('\n'));
    }
    if (typeof fields !== 'string') {
      yield { number, fields };
      number += more.length;
      continue;
    }
    ahead.unshift(...more);
    yield { number, fields: more.length === 0 ? fields : NOT_CLOSED };
  }
}

const NOT_CLOSED = `a quote is opened and not closed within ${MOST_LINES_OF_VALUE} lines: close it, and write a quote that is part of a value twice`;

function splitFields(record: string): readonly string[] | string {
  try {
    const [fields = []]: string[][] = parse(record, { relax_column_count: true, trim: true });
    return fields;
  } catch (error) {
    if (error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED') return NOT_CLOSED;
    // the parser counts lines from here
    return `it cannot be read as CSV: ${describeThrown(error).message.replace(/ at line \d+.*$/, '')}`;
  }
}

function formOf<Form extends string>(
  file: string,
  line: string,
  forms: Readonly<Record<Form, readonly string[]>>,
): Form {
  const header = line.replace(/^\uFEFF/, '');
  const columns = splitFields(header);
  for (const form in forms) {
    if (typeof columns !== 'string' && columns.join(',') === forms[form].join(',')) return form;
  }
  const wanted = Object.values<readonly string[]>(forms).map((names) => `'${names.join(',')}'`);
  throw new UsageError(
    `--input '${file}' must begin with the line ${wanted.join(' or ')}, got '${header.slice(0, 80)}'`,
  );
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, error: unknown) => {
  const reason = describeThrown(error).message;
  return new UsageError(`--input '${file}' cannot be read: ${reason}`, { cause: error });
};
