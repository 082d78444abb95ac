import { type CloudEvent, GROUP_MAX_LENGTH, isTenantId, readGroup } from '../contracts/index.ts';
import { EventMalformedError, type Violation } from './errors.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string' && value.length > 0;
const textOrAbsent: Check = (value) => value === undefined || value === null || text(value);

/** What must hold of each attribute that Waybill uses; all others pass unread. */
const ATTRIBUTES: readonly [name: string, check: Check, expected: string][] = [
  ['specversion', (value) => value === '1.0', "'1.0'"],
  ['id', text, 'a non-empty string'],
  ['source', text, 'a non-empty string'],
  ['type', text, 'a non-empty string'],
  ['time', (value) => text(value) && !Number.isNaN(Date.parse(String(value))), 'an RFC 3339 timestamp'],
  ['datacontenttype', (value) => value === undefined || value === 'application/json', "'application/json'"],
  ['dataschema', text, 'a non-empty string'],
  [
    'partitionkey',
    (value) => text(value) && String(value).length <= GROUP_MAX_LENGTH,
    `1 to ${GROUP_MAX_LENGTH} characters`,
  ],
  [
    'sequence',
    (value) => text(value) && /^\d+$/.test(String(value)) && Number(value) >= 1,
    'a whole number from 1 in digits',
  ],
  ['correlationid', text, 'a non-empty string'],
  ['causationid', textOrAbsent, 'a non-empty string or nothing'],
  ['traceparent', text, 'a non-empty string'],
  ['tracestate', textOrAbsent, 'a non-empty string or nothing'],
  ['tenantid', (value) => value === undefined || value === null || isTenantId(value), 'a tenant id or nothing'],
  ['subject', textOrAbsent, 'a non-empty string or nothing'],
  ['hops', (value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number from 0'],
];

/**
 * Reads a serialized event: strict on the attributes that Waybill uses, tolerant of all others; `data` stays unread.
 * @throws EventMalformedError `EVENT_MALFORMED` naming every attribute that is wrong
 */
export function parseEvent(body: string): CloudEvent {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EventMalformedError([{ path: '', message: `expected a JSON object, got ${kindOf(value)}` }]);
  }
  const members = value as Record<string, unknown>;
  const violations: Violation[] = ATTRIBUTES.filter(([name, check]) => !check(members[name])).map(
    ([name, , expected]) => ({ path: name, message: `expected ${expected}, got ${describe(members[name])}` }),
  );
  violations.push(...tenantViolations(members));
  if (!('data' in members)) violations.push({ path: 'data', message: 'expected a value, got nothing' });
  if (violations.length > 0) throw new EventMalformedError(violations);
  return withoutNulls(members) as unknown as CloudEvent;
}

/** A group is its tenant's own: an event that says otherwise of itself was not written by the outbox. */
function tenantViolations({ tenantid, partitionkey }: Record<string, unknown>): readonly Violation[] {
  if (typeof partitionkey !== 'string') return [];
  const parts = readGroup(partitionkey);
  if (parts !== undefined && parts.tenantId === (tenantid ?? undefined)) return [];
  const expected =
    tenantid === undefined || tenantid === null ? 'no group of a tenant' : `a group of ${describe(tenantid)}`;
  return [{ path: 'partitionkey', message: `expected ${expected}, as 'tenantid' says, got ${describe(partitionkey)}` }];
}

/** In CloudEvents' JSON form a null attribute is an absent one. */
const withoutNulls = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([name, value]) => value !== null || name === 'data'));

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

const LONGEST_QUOTE = 80;

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const quoted = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return quoted.length <= LONGEST_QUOTE ? quoted : `${quoted.slice(0, LONGEST_QUOTE)}…`;
}
