import { inspect, types } from 'node:util';
import { boundedText } from './bounded-text.ts';
import { ownFrameIn } from './own-frame.ts';

/** A description of any thrown value for storage and logs: plain, bounded text. */
export interface ThrownDescription {
  /** `error.name`, else `Error`; at most 100 bytes. */
  readonly name: string;
  /** `error.code` if it is a string, else the name; at most 100 bytes. */
  readonly code: string;
  /** At most 500 bytes. */
  readonly message: string;
  /** The first line and the innermost frames of the stack, at most 2,000 bytes; empty if there is none. */
  readonly stackHead: string;
}

/** A description for a logger: a plain object, so that the logger does not read the error's own members. */
export interface LoggedError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly stack: string;
  /** The first frame of the user's own code: `functions/billing/handler.ts:12`. */
  readonly thrown_at?: string;
  /** Of the AWS call that failed. */
  readonly aws_request_id?: string;
  readonly cause?: LoggedError;
  /** Of an AggregateError, the first three. */
  readonly errors?: readonly Omit<ThrownDescription, 'stackHead'>[];
}

const NAME_MAX_BYTES = 100;
/** Small, because it is stored in a cursor, which every event of a group rewrites. */
const MESSAGE_MAX_BYTES = 500;
const STACK_MAX_BYTES = 2_000;
/** As many as V8 keeps by default. @see https://nodejs.org/api/errors.html#errorstacktracelimit */
const MOST_FRAMES = 10;
const LINE_MAX_BYTES = 300;

const MOST_CAUSES = 3;
const MOST_ERRORS = 3;
const MOST_MEMBERS_NAMED = 10;

const FRAME = /^\s+at\s/;

/**
 * Describes any thrown value: an error with unusual members, an object that is not an error, a primitive, a proxy that
 * throws. Never throws. For an object without a message, only its member names are used.
 */
export function describeThrown(thrown: unknown): ThrownDescription {
  const name = namesOf(thrown);
  return {
    name: boundedText(name.name, NAME_MAX_BYTES),
    code: boundedText(name.code, NAME_MAX_BYTES),
    message: boundedText(messageOf(thrown), MESSAGE_MAX_BYTES),
    stackHead: stackHeadOf(thrown),
  };
}

/**
 * Where in the user's own code an error comes from: `functions/billing/handler.ts:12`, by its stack or those of its causes;
 * undefined where none of them says so. Never throws.
 */
export function thrownAt(thrown: unknown): string | undefined {
  let error = thrown;
  for (let depth = 0; depth <= MOST_CAUSES && isObject(error); depth++) {
    const place = ownFrameIn(framesOf(error).join('\n'));
    if (place !== undefined) return place;
    error = memberOf(error, 'cause');
  }
  return undefined;
}

/** Code and message in one text, for the message of another error: `TypeError: x is not a function`. Never throws. */
export function thrownText(thrown: unknown): string {
  const { code, message } = describeThrown(thrown);
  return `${code}: ${message}`;
}

/** Code and message of an error, for storage without its stack. Never throws. */
export function reasonOf(thrown: unknown): Pick<ThrownDescription, 'code' | 'message'> {
  const { code, message } = describeThrown(thrown);
  return { code, message };
}

/** The untruncated `code`, if it is a string, and `name` of an error. Never throws. */
export function namesOf(thrown: unknown): { readonly name: string; readonly code: string } {
  const name = textMember(thrown, 'name') ?? 'Error';
  return { name, code: textMember(thrown, 'code') ?? name };
}

/** A member of any thrown value; undefined if it cannot be read. Never throws. */
export function memberOf(thrown: unknown, member: PropertyKey): unknown {
  if (!isObject(thrown)) return undefined;
  try {
    return Reflect.get(thrown, member);
  } catch {
    return undefined;
  }
}

/** Whether it is an error, of any realm. Never throws. */
export function isError(value: unknown): value is Error {
  if (types.isNativeError(value)) return true;
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/**
 * An error as it is logged: name, code, message, stack and causes, each bounded. Other members are omitted, because
 * they may contain items and events. Never throws.
 */
export const loggable = (thrown: unknown): LoggedError => logged(thrown, new Set());

function logged(thrown: unknown, above: ReadonlySet<unknown>): LoggedError {
  const { name, code, message, stackHead } = describeThrown(thrown);
  const seen = new Set([...above, thrown]);
  const cause = memberOf(thrown, 'cause');
  const hasCause = seen.size <= MOST_CAUSES && cause !== undefined && cause !== null && !seen.has(cause);
  const errors = errorsOf(thrown);
  const place = thrownAt(thrown);
  const requestId = textMember(memberOf(thrown, '$metadata'), 'requestId');
  return {
    name,
    code,
    message,
    stack: stackHead,
    ...(place !== undefined && { thrown_at: place }),
    ...(requestId !== undefined && { aws_request_id: boundedText(requestId, NAME_MAX_BYTES) }),
    ...(hasCause && { cause: logged(cause, seen) }),
    ...(errors.length > 0 && { errors: errors.map(withoutStack) }),
  };
}

const withoutStack = (thrown: unknown) => {
  const { stackHead: _, ...told } = describeThrown(thrown);
  return told;
};

/** @param isInner true for an error inside another: its own errors are not read, because they may be circular */
function messageOf(thrown: unknown, isInner = false): string {
  if (!isObject(thrown)) return typeof thrown === 'string' ? thrown : `${primitive(thrown)} was thrown`;
  const message = memberOf(thrown, 'message');
  if (typeof message === 'string' && message !== '') return message;
  const errors = isInner ? [] : errorsOf(thrown);
  if (errors.length > 0) return errors.map((error) => messageOf(error, true)).join('; ');
  if (isObject(message)) return inspected(message);
  if (message !== undefined && message !== null && message !== '') return primitive(message);
  if (isError(thrown)) return 'the error has no message';
  const names = memberNames(thrown);
  const members = names.length === 0 ? 'no members that can be read' : `members ${names.join(', ')}`;
  return `${typeof thrown === 'function' ? 'a function' : 'an object'} without a message was thrown, with ${members}`;
}

/** Bounded, so that a long message in front of the frames does not push them out. */
function stackHeadOf(thrown: unknown): string {
  const stack = memberOf(thrown, 'stack');
  if (typeof stack !== 'string') return '';
  const frames = framesOf(thrown);
  const [first = '', ...others] = linesOf(stack);
  const rest = frames.length === 0 ? others : frames;
  const shown = [...(FRAME.test(first) ? [] : [first]), ...rest.slice(0, MOST_FRAMES)];
  return boundedText(shown.map((line) => boundedText(line, LINE_MAX_BYTES)).join('\n'), STACK_MAX_BYTES);
}

function framesOf(thrown: unknown): readonly string[] {
  const stack = memberOf(thrown, 'stack');
  if (typeof stack !== 'string') return [];
  const message = memberOf(thrown, 'message');
  // a message may contain another stack, whose frames do not belong to this error
  const start = typeof message === 'string' ? stack.indexOf(message) + message.length : 0;
  return linesOf(stack.slice(start)).filter((line) => FRAME.test(line));
}

const linesOf = (text: string): readonly string[] => text.split('\n');

function errorsOf(thrown: unknown): readonly unknown[] {
  const errors = memberOf(thrown, 'errors');
  try {
    return isError(thrown) && Array.isArray(errors) ? Array.from(errors.slice(0, MOST_ERRORS)) : [];
  } catch {
    return [];
  }
}

function textMember(thrown: unknown, member: string): string | undefined {
  const value = memberOf(thrown, member);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `customInspect` is off: the object's own code is not run, and proxies are not read. */
function inspected(value: object): string {
  try {
    return inspect(value, {
      depth: 1,
      maxArrayLength: 5,
      maxStringLength: 200,
      breakLength: Number.POSITIVE_INFINITY,
      customInspect: false,
    });
  } catch {
    return 'an unreadable message';
  }
}

function memberNames(thrown: object): readonly string[] {
  try {
    return Object.keys(thrown).slice(0, MOST_MEMBERS_NAMED);
  } catch {
    return [];
  }
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

const primitive = (value: unknown): string => (typeof value === 'bigint' ? `${value}n` : String(value));
