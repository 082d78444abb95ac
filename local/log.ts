export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * What the run has to say about itself; the front end decides how and whether it is shown.
 * @param source the engine or function that speaks, e.g. `sqs` or a function's name.
 */
export type RunLog = (
  level: LogLevel,
  source: string,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;
