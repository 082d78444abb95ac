import { inspect } from 'node:util';
import type { LogLevel } from '../log.ts';
import { type Paint, plain } from './paint.ts';

/** What is said already, and what nobody reads in a terminal. */
const UNREAD = new Set([
  'timestamp',
  'service',
  'level',
  'message',
  'message_id',
  'cold_start',
  'correlation_id',
  'causation_id',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'sampling_rate',
  'traceparent',
  'xray_trace_id',
]);

const SOURCE_WIDTH = 11;
const LEVEL_WIDTH = 5;

const LEVEL_STYLE: Readonly<Record<string, Parameters<Paint>[0]>> = {
  CRITICAL: 'red',
  ERROR: 'red',
  WARN: 'yellow',
  INFO: 'green',
};

/** One line of a function's log for people: `payments    INFO  event handled  group=order#1001`. */
export function formatFunctionLine(service: string, line: string, paint: Paint = plain): string {
  const document = parseObject(line);
  if (document === undefined) return compose(paint, service, '', line, {});
  if ('_aws' in document) return compose(paint, service, 'EMF', '', withoutDimensions(document));
  const { level = 'INFO', message = '' } = document;
  return compose(paint, service, String(level), String(message), document);
}

/** One line of the run's own log. */
export const formatRunLine = (
  level: LogLevel,
  source: string,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
  paint: Paint = plain,
): string => compose(paint, source, level.toUpperCase(), message, fields);

function compose(
  paint: Paint,
  source: string,
  level: string,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): string {
  const more = fieldsOf(fields);
  return [
    paint('cyan', source.padEnd(SOURCE_WIDTH)),
    paint(LEVEL_STYLE[level] ?? 'dim', level.padEnd(LEVEL_WIDTH)),
    onOneLine(message),
    more === '' ? '' : paint('dim', more),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

const onOneLine = (text: string): string => text.trimEnd().replaceAll(/\s*\n\s*/g, ' ');

const fieldsOf = (document: Readonly<Record<string, unknown>>): string =>
  Object.entries(document)
    .filter(([name, value]) => !UNREAD.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${show(value)}`)
    .join(' ');

function show(value: unknown): string {
  if (typeof value === 'string') return /[\s"]/.test(value) ? JSON.stringify(value) : value;
  if (value instanceof Error) return JSON.stringify(`${value.name}: ${value.message}`);
  if (isObject(value) && typeof value['message'] === 'string') {
    const place = typeof value['thrown_at'] === 'string' ? `, at ${value['thrown_at']}` : '';
    return JSON.stringify(`${value['name'] ?? 'Error'}: ${value['message']}${place}`);
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
