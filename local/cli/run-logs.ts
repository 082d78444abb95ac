import { createFunctionFailures, type FunctionFailures } from '../ledger/function-failures.ts';
import { createFunctionMetrics, type FunctionMetrics } from '../ledger/function-metrics.ts';
import type { RunLog } from '../log.ts';
import { formatFunctionLine, formatRunLine } from '../view/log-line.ts';
import type { Screen } from '../view/screen.ts';

export interface RunLogs {
  readonly log: RunLog;
  readonly onLogLine: (functionName: string, line: string) => void;
  readonly metrics: FunctionMetrics;
  readonly failures: FunctionFailures;
  /** Functions are called so from now on. */
  nameServices(serviceNames: ReadonlyMap<string, string>): void;
}

/** Reads everything that the engines and functions write; shows warnings, and with `verbose` all of it. */
export function createRunLogs(screen: Screen, { verbose }: { readonly verbose: boolean }): RunLogs {
  const metrics = createFunctionMetrics();
  const failures = createFunctionFailures();
  let names: ReadonlyMap<string, string> = new Map();
  return {
    metrics,
    failures,
    log(level, source, message, fields) {
      const isWrong = level === 'warn' || level === 'error';
      if (isWrong) screen.warn(formatRunLine(level, names.get(source) ?? source, message, fields));
      else if (verbose) screen.line(formatRunLine(level, names.get(source) ?? source, message, fields));
    },
    onLogLine(functionName, line) {
      metrics.readLine(line);
      failures.readLine(line);
      if (verbose) screen.line(formatFunctionLine(names.get(functionName) ?? functionName, line));
    },
    nameServices: (serviceNames) => {
      names = serviceNames;
    },
  };
}
