import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../lib/event/index.ts';

const EVENT = {
  specversion: '1.0',
  id: '01',
  source: '/accounts',
  type: 'com.example.account.deposited',
  time: '2026-11-20T06:00:00Z',
  dataschema: 'urn:waybill:schema:com.example.account.deposited:1',
  partitionkey: 'account#7',
  sequence: '0000000000000001',
  correlationid: 'c',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  hops: 0,
  data: { accountId: '7', amount: 5 },
};

const violationsOf = (body: string) => {
  try {
    parseEvent(body);
  } catch (error) {
    return error as { code: string; violations: { path: string; message: string }[] };
  }
  throw new Error('nothing was thrown');
};

describe('parseEvent', () => {
  it('ignores unknown attributes', () => {
    const event = parseEvent(JSON.stringify({ ...EVENT, severitytext: 'high' }));

    expect(event).toStrictEqual({ ...EVENT, severitytext: 'high' });
  });

  it('treats a null attribute as absent, and null data as data', () => {
    const event = parseEvent(JSON.stringify({ ...EVENT, subject: null, tenantid: null, data: null }));

    expect(event).toStrictEqual({ ...EVENT, data: null });
  });

  it('names every invalid attribute', () => {
    const { data: _, ...rest } = EVENT;

    const error = violationsOf(JSON.stringify({ ...rest, specversion: '0.3', sequence: 'first', hops: -1 }));

    expect(error.code).toBe('EVENT_MALFORMED');
    expect(error.violations).toStrictEqual([
      { path: 'specversion', message: "expected '1.0', got '0.3'" },
      { path: 'sequence', message: "expected a whole number from 1 in digits, got 'first'" },
      { path: 'hops', message: 'expected a whole number from 0, got -1' },
      { path: 'data', message: 'expected a value, got nothing' },
    ]);
  });

  it.each([
    ['acme', 'tenant:acme:account#7'],
    ['acme', 'tenant:acme:a:b'],
    [undefined, 'tenants:acme'],
  ])('accepts tenant %s with group %s', (tenantid, partitionkey) => {
    expect(parseEvent(JSON.stringify({ ...EVENT, tenantid, partitionkey }))).toMatchObject({ partitionkey });
  });

  it.each([
    ['another tenant', 'globex', 'tenant:acme:account#7', "a group of 'globex'"],
    ['a tenant whose id begins alike', 'acm', 'tenant:acme:account#7', "a group of 'acm'"],
    ['no tenant', undefined, 'tenant:acme:account#7', 'no group of a tenant'],
    ['no tenant, as null', null, 'tenant:acme:account#7', 'no group of a tenant'],
    ['a tenant, in a group of nobody', 'acme', 'account#7', "a group of 'acme'"],
    ['a tenant, in a group without a name', 'acme', 'tenant:acme:', "a group of 'acme'"],
    ['no tenant, in the group of one that cannot be', undefined, 'tenant:Acme:account#7', 'no group of a tenant'],
  ])('rejects an event that claims to be of %s', (_, tenantid, partitionkey, expected) => {
    expect(violationsOf(JSON.stringify({ ...EVENT, tenantid, partitionkey }))).toMatchObject({
      code: 'EVENT_MALFORMED',
      violations: [
        { path: 'partitionkey', message: `expected ${expected}, as 'tenantid' says, got '${partitionkey}'` },
      ],
    });
  });

  it('rejects an invalid tenant id', () => {
    const body = JSON.stringify({ ...EVENT, tenantid: 'acme:x', partitionkey: 'tenant:acme:x:account#7' });

    expect(violationsOf(body).violations[0]).toStrictEqual({
      path: 'tenantid',
      message: "expected a tenant id or nothing, got 'acme:x'",
    });
  });

  it.each([
    ['text', 'hello', 'expected JSON, got a text of 5 characters that is not'],
    ['an array', '[]', 'expected a JSON object, got a list'],
    ['null', 'null', 'expected a JSON object, got null'],
  ])('rejects a body that is %s', (_, body, message) => {
    expect(violationsOf(body).violations).toStrictEqual([{ path: '', message }]);
  });

  it('throws its own error for any invalid body', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((value) => JSON.stringify(value)),
        ),
        (body) => {
          expect(violationsOf(body).code).toBe('EVENT_MALFORMED');
        },
      ),
    );
  });
});

describe('an event of an earlier release', () => {
  it('is accepted with empty attributes: optional ones count as absent, and it starts its own correlation', () => {
    const body = JSON.stringify({ ...EVENT, subject: '', tracestate: '', causationid: '', correlationid: '' });

    const event = parseEvent(body);

    expect(event).toMatchObject({ id: EVENT.id, correlationid: EVENT.id });
    expect(event).not.toHaveProperty('subject');
    expect(event).not.toHaveProperty('tracestate');
    expect(event).not.toHaveProperty('causationid');
  });
});
