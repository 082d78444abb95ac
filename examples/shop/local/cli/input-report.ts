import type { Screen } from '../../../../local/view/screen.ts';
import type { CsvReport } from '../orders/csv-report.ts';

export interface InputReport extends CsvReport {
  badLines(): number;
}

/** Says on stderr what is wrong with the input, as compilers do: file, line, reason. */
export function createInputReport({ warn }: Pick<Screen, 'warn'>): InputReport {
  let badLines = 0;
  return {
    badLines: () => badLines,
    onBadLine(file, line, reason) {
      badLines++;
      warn(`${file}:${line}: skipped: ${reason}`);
    },
    onNotice: (file, line, notice) => warn(`${file}:${line}: ${notice}`),
  };
}
