export interface CsvReport {
  /** A line that is no order and is skipped. */
  onBadLine(file: string, line: number, reason: string): void;
  /** An order that is not quite what its line says. */
  onNotice(file: string, line: number, notice: string): void;
}

/** What is said about one file. */
export interface LineReport {
  onBadLine(line: number, reason: string): void;
  onNotice(line: number, notice: string): void;
}

export const reportOf = (report: CsvReport, file: string): LineReport => ({
  onBadLine: (line, reason) => report.onBadLine(file, line, reason),
  onNotice: (line, notice) => report.onNotice(file, line, notice),
});
