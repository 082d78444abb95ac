import { createFunctionFailures, type FunctionFailures } from '../ledger/function-failures.ts';
import { createFunctionMetrics, type FunctionMetrics } from '../ledger/function-metrics.ts';
import type { RunLog } from '../log.ts';
import { functionLineAsJson, runLineAsJson } from '../view/json-log-line.ts';
import { formatFunctionLine, formatRunLine } from '../view/log-line.ts';
import type { Screen } from '../view/screen.ts';
import { UsageError } from './usage-error.ts';

export interface RunLogs {
  readonly log: RunLog;
  readonly onLogLine: (functionName: string, line: string) => void;
  readonly metrics: FunctionMetrics;
  readonly failures: FunctionFailures;
  /**
   * Functions are called so from now on.
   * @param later names of functions that are deployed later
   * @throws UsageError `LOCAL_USAGE` when logs are wanted of one that is not there
   */
  nameServices(serviceNames: ReadonlyMap<string, string>, later?: readonly string[]): void;
  /** The same after an update: who is gone keeps its name, and is not asked for any more. */
  renameServices(serviceNames: ReadonlyMap<string, string>): void;
}

export interface LogOptions {
  /** Whether everything is shown that functions log and engines do. */
  readonly verbose: boolean;
  /** Whose logs are shown, by the name of the consumer or function; empty says nothing about it. */
  readonly logs: readonly string[];
  /** Whether logs are written as lines of JSON. */
  readonly jsonLogs: boolean;
}

/** Reads everything that the engines and functions write; shows warnings, and whatever else is asked for. */
export function createRunLogs(screen: Screen, { verbose, logs, jsonLogs }: LogOptions): RunLogs {
  const metrics = createFunctionMetrics();
  const failures = createFunctionFailures();
  const chosen = new Set(logs);
  let names: ReadonlyMap<string, string> = new Map();

  const nameOf = (source: string) => names.get(source) ?? source;
  const isChosen = (source: string) => chosen.size === 0 || chosen.has(source) || chosen.has(nameOf(source));
  const showsFunctions = verbose || jsonLogs || chosen.size > 0;

  return {
    metrics,
    failures,
    log(level, source, message, fields) {
      const isWrong = level === 'warn' || level === 'error';
      if (!isWrong && !(verbose && isChosen(source))) return;
      if (jsonLogs) screen.log(runLineAsJson(level, nameOf(source), message, fields));
      else if (isWrong) screen.warn(formatRunLine(level, nameOf(source), message, fields, screen.paint.warn));
      else screen.log(formatRunLine(level, nameOf(source), message, fields, screen.paint.log));
    },
    onLogLine(functionName, line) {
      metrics.readLine(line);
      failures.readLine(line);
      if (!showsFunctions || !isChosen(functionName)) return;
      const name = nameOf(functionName);
      screen.log(jsonLogs ? functionLineAsJson(name, line) : formatFunctionLine(name, line, screen.paint.log));
    },
    renameServices(serviceNames) {
      names = new Map([...names, ...serviceNames]);
    },
    nameServices(serviceNames, later = []) {
      names = serviceNames;
      const known = new Set([...[...serviceNames].flat(), ...later]);
      const unknown = logs.filter((name) => !known.has(name));
      if (unknown.length === 0) return;
      const allowed = [...new Set([...serviceNames.values(), ...later])].join(', ');
      throw new UsageError(`--logs must name one of ${allowed}, or a function, got '${unknown.join("' and '")}'`);
    },
  };
}
