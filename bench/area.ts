import type { Report } from './report.ts';

export interface BenchContext {
  /** Tells a person what is being done. */
  progress(line: string): void;
}

/** An area's figures, by a short name; they are measured one after another. */
export type Measures = Readonly<Record<string, (context: BenchContext) => Promise<Report>>>;
