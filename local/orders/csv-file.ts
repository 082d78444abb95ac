import { type FileHandle, open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { UsageError } from '../cli/usage-error.ts';

export interface CsvLine {
  /** In the file, from 1; the header is the first. */
  readonly number: number;
  /** The reason, when the line cannot be split. */
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

async function* splitLines(lines: AsyncIterator<string>): AsyncGenerator<CsvLine> {
  for (let number = 2; ; number++) {
    const { value: text, done } = await lines.next();
    if (done === true) return;
    if (text.trim() !== '') yield { number, fields: splitFields(text) };
  }
}

function splitFields(line: string): readonly string[] | string {
  try {
    const [fields = []]: string[][] = parse(line, { relax_column_count: true, trim: true });
    return fields;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // the parser counts lines from here
    return `it is no CSV: ${reason.replace(/ at line 1.*$/, '')}`;
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
  const reason = error instanceof Error ? error.message : String(error);
  return new UsageError(`--input '${file}' cannot be read: ${reason}`, { cause: error });
};
