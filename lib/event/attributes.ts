import { GROUP_MAX_LENGTH, isTenantId, readGroup } from '../contracts/index.ts';
import type { Violation } from './errors.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string' && value.length > 0;
const textOrAbsent: Check = (value) => value === undefined || text(value);

/**
 * What must hold of each attribute that Waybill uses, where an event is published and where it is taken; all others pass
 * unread. Pure, so that bundles that look at no attribute leave it out.
 */
const ATTRIBUTES = /* @__PURE__ */ ((): readonly [name: string, check: Check, expected: string][] => [
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
  ['tenantid', (value) => value === undefined || isTenantId(value), 'a tenant id or nothing'],
  ['subject', textOrAbsent, 'a non-empty string or nothing'],
  ['hops', (value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number from 0'],
])();

/** Everything that is wrong with an event's attributes; none where every consumer can take it. */
export function attributeViolations(members: Readonly<Record<string, unknown>>): readonly Violation[] {
  const violations = ATTRIBUTES.filter(([name, check]) => !check(members[name])).map(([name, , expected]) => ({
    path: name,
    message: `expected ${expected}, got ${describe(members[name])}`,
  }));
  return [...violations, ...tenantViolations(members)];
}

/** A group is its tenant's own: an event that says otherwise of itself was not written by the outbox. */
function tenantViolations({ tenantid, partitionkey }: Readonly<Record<string, unknown>>): readonly Violation[] {
  if (typeof partitionkey !== 'string') return [];
  const parts = readGroup(partitionkey);
  if (parts !== undefined && parts.tenantId === tenantid) return [];
  const expected = tenantid === undefined ? 'no group of a tenant' : `a group of ${describe(tenantid)}`;
  return [{ path: 'partitionkey', message: `expected ${expected}, as 'tenantid' says, got ${describe(partitionkey)}` }];
}

const LONGEST_QUOTE = 80;

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const quoted = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return quoted.length <= LONGEST_QUOTE ? quoted : `${quoted.slice(0, LONGEST_QUOTE)}…`;
}
