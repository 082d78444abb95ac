import type { LogLevel } from '../log.ts';

/** A function's line as it wrote it; what is no JSON object is put into one, so that every line can be read as JSON. */
export const functionLineAsJson = (service: string, line: string): string =>
  isJsonObject(line) ? line : JSON.stringify({ service, message: line });

/** A line of the run's own log, in the members that the functions' loggers use. */
export const runLineAsJson = (
  level: LogLevel,
  source: string,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): string => JSON.stringify({ level: level.toUpperCase(), service: source, message, ...fields }, errorsAsObjects);

const errorsAsObjects = (_name: string, value: unknown): unknown =>
  value instanceof Error ? { name: value.name, message: value.message } : value;

function isJsonObject(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
