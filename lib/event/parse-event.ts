import type { CloudEvent } from '../contracts/index.ts';
import { attributeViolations } from './attributes.ts';
import { EventMalformedError } from './errors.ts';

/**
 * Reads a serialized event: strict on the attributes that Waybill uses, tolerant of all others; `data` stays unread.
 * @throws EventMalformedError `EVENT_MALFORMED` naming every attribute that is wrong
 */
export function parseEvent(body: string): CloudEvent {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EventMalformedError([{ path: '', message: `expected a JSON object, got ${kindOf(value)}` }]);
  }
  const members = withoutAbsent(value as Record<string, unknown>);
  const violations = [...attributeViolations(members)];
  if (!Object.hasOwn(members, 'data')) violations.push({ path: 'data', message: 'expected a value, got nothing' });
  if (violations.length > 0) throw new EventMalformedError(violations);
  const event: unknown = members;
  return event as CloudEvent;
}

/**
 * In CloudEvents' JSON form a null attribute is an absent one. Earlier releases published attributes that were empty, too:
 * one that may be absent is, and an event without a correlation id begins its own.
 */
function withoutAbsent(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { correlationid, id } = members;
  const present = Object.entries(members).filter(
    ([name, value]) => name === 'data' || (value !== null && !(value === '' && MAY_BE_ABSENT.has(name))),
  );
  return Object.fromEntries([...present, ...(correlationid === '' ? [['correlationid', id]] : [])]);
}

const MAY_BE_ABSENT: ReadonlySet<string> = new Set(['subject', 'tracestate', 'causationid', 'tenantid']);

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // neither the text nor the parser's own error, which quotes it: it may hold an event's data
    throw new EventMalformedError([
      { path: '', message: `expected JSON, got a text of ${body.length} characters that is not` },
    ]);
  }
}

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
};
