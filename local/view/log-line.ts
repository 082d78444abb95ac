import { inspect } from 'node:util';
import type { LogLevel } from '../log.ts';

/** What every line of a function has and nobody reads in a terminal. */
const UNREAD = new Set([
  'timestamp',
  'service',
  'level',
  'message',
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'sampling_rate',
  'traceparent',
  'xray_trace_id',
]);

/** One line of a function's log for people: `payments  INFO  event handled  group=order#1001`. */
export function formatFunctionLine(service: string, line: string): string {
  const document = parseObject(line);
  if (document === undefined) return `${service}  ${line}`;
  if ('_aws' in document) return `${service}  METRICS  ${fieldsOf(withoutDimensions(document))}`;
  const { level = 'INFO', message = '' } = document;
  return `${service}  ${level}  ${message}${spaced(fieldsOf(document))}`;
}

/** One line of the run's own log. */
export const formatRunLine = (
  level: LogLevel,
  source: string,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): string => `${source}  ${level.toUpperCase()}  ${message}${spaced(fieldsOf(fields))}`;

const spaced = (fields: string): string => (fields === '' ? '' : `  ${fields}`);

const fieldsOf = (document: Readonly<Record<string, unknown>>): string =>
  Object.entries(document)
    .filter(([name, value]) => !UNREAD.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${show(value)}`)
    .join(' ');

function show(value: unknown): string {
  if (typeof value === 'string') return /[\s"]/.test(value) ? JSON.stringify(value) : value;
  if (value instanceof Error) return JSON.stringify(`${value.name}: ${value.message}`);
  if (isObject(value) && typeof value['message'] === 'string') {
    return JSON.stringify(`${value['name'] ?? 'Error'}: ${value['message']}`);
  }
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true });
}

const withoutDimensions = ({ _aws: _, ...values }: Readonly<Record<string, unknown>>) => values;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
