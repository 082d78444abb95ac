import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineEvent } from '../../../lib/definitions/index.ts';
import { causedBy, draftEvent, maskedData, parseEvent, sealEvent } from '../../../lib/event/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';

const maker = () => ({ clock: createTestClock(), ids: createCountingIds() });
const context = { correlationId: 'request-7' };

const withSubject = (subject: string) =>
  defineEvent({
    type: 'noted',
    source: '/notes',
    version: 1,
    schema: z.object({ note: z.string() }),
    subject: () => subject,
  });

const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('draftEvent', () => {
  it('puts a complete CloudEvents envelope around the data', async () => {
    const draft = await draftEvent(Deposited, { accountId: '7', amount: 5 }, context, maker());

    const event = sealEvent(draft, 42);

    expect(event).toStrictEqual({
      specversion: '1.0',
      id: 'event-1',
      source: '/accounts',
      type: 'com.example.account.deposited',
      time: '2026-11-20T06:00:00.000Z',
      subject: '7',
      datacontenttype: 'application/json',
      dataschema: 'urn:waybill:schema:com.example.account.deposited:1',
      partitionkey: 'account#7',
      correlationid: 'request-7',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      sequence: '0000000000000042',
      hops: 0,
      data: { accountId: '7', amount: 5 },
    });
  });

  it('names the sensitive members of the data', async () => {
    const secret = defineEvent({ ...Audited, sensitive: ['/note', '/lines/*/name'] });
    const draft = await draftEvent(secret, { note: 'seen' }, context, maker());

    expect(draft.envelope.sensitivemembers).toBe('/note /lines/*/name');
    expect(maskedData(draft.envelope)).toStrictEqual({ note: '(masked)' });
  });

  it.each([
    [['note'], "sensitive must have JSON Pointers such as '/email' or '/notes/*', got 'note'"],
    [['/a b'], "sensitive must have JSON Pointers such as '/email' or '/notes/*', got '/a b'"],
    [['/a~2'], "sensitive must have JSON Pointers such as '/email' or '/notes/*', got '/a~2'"],
    [[`/${'a'.repeat(512)}`], 'sensitive must have at most 512 characters in total, got 513'],
  ])('is not reached with the sensitive members %j', (sensitive, message) => {
    expect(() => defineEvent({ ...Audited, sensitive })).toThrow(message);
  });

  it('uses the event’s id as the group if it has no group', async () => {
    const draft = await draftEvent(Audited, { note: 'seen' }, context, maker());

    expect(draft.grouped).toBe(false);
    expect(draft.envelope.partitionkey).toBe('event-1');
  });

  it('prefixes the group with the tenant, also if the event has no group', async () => {
    const owned = { ...context, tenantId: 'acme' };

    const grouped = await draftEvent(Deposited, { accountId: '7', amount: 5 }, owned, maker());
    const alone = await draftEvent(Audited, { note: 'seen' }, owned, maker());

    expect(grouped.envelope).toMatchObject({ tenantid: 'acme', partitionkey: 'tenant:acme:account#7' });
    expect(alone.envelope).toMatchObject({ tenantid: 'acme', partitionkey: 'tenant:acme:event-1' });
  });

  it('rejects a group that looks like a tenant’s, a group that is too long with its tenant, and an invalid tenant', () => {
    const grouped = (group: string) => ({ ...Audited, group: () => group });
    const draft = (group: string, tenantId?: string) =>
      thrownBy(() =>
        draftEvent(grouped(group), { note: 'a' }, { ...context, ...(tenantId !== undefined && { tenantId }) }, maker()),
      );

    expect(draft('tenant:acme:account#7')).toMatchObject({
      code: 'EVENT_PLACE_INVALID',
      message:
        "the group of 'com.example.audit.noted' must not look like a tenant's, because the event has no tenant, got 'tenant:acme:account#7': fix the definition's group function, or set the tenant",
    });
    expect(draft('tenant:')).toMatchObject({ code: 'EVENT_PLACE_INVALID' });
    expect(draft('g'.repeat(117), 'acme')).toMatchObject({
      code: 'EVENT_PLACE_INVALID',
      message: expect.stringContaining('must be 1 to 116 visible ASCII characters'),
    });
    expect(draft('account#7', 'Acme')).toMatchObject({ code: 'TENANT_INVALID' });
  });

  it('inherits correlation, cause, trace, tenant and hops from the event being handled', async () => {
    const cause = parseEvent(
      JSON.stringify({
        ...sealEvent(await draftEvent(Audited, { note: 'a' }, { ...context, tenantId: 'acme' }, maker()), 1),
        tracestate: 'vendor=1',
        hops: 4,
      }),
    );

    const { envelope } = await draftEvent(
      Deposited,
      { accountId: '7', amount: 5 },
      { correlationId: 'overridden', ...causedBy(cause) },
      maker(),
    );

    expect(envelope).toMatchObject({
      correlationid: 'request-7',
      causationid: 'event-1',
      tenantid: 'acme',
      tracestate: 'vendor=1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      hops: 5,
    });
  });

  it('starts a new trace if the caller’s trace is invalid', async () => {
    const { envelope } = await draftEvent(
      Audited,
      { note: 'a' },
      { ...context, traceparent: '00-00000000000000000000000000000000-b7ad6b7169203331-01' },
      maker(),
    );

    expect(envelope.traceparent).toBe('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
  });

  it('rejects data that does not match the schema and names every invalid path', () => {
    const error = thrownBy(() =>
      draftEvent(Deposited, { accountId: 7 as unknown as string, amount: -1 }, context, maker()),
    );

    expect(error).toMatchObject({
      code: 'EVENT_DATA_INVALID',
      violations: [{ path: 'accountId' }, { path: 'amount' }],
    });
    expect(String(error)).toContain(
      "data of 'com.example.account.deposited' does not satisfy version 1 of its schema: accountId: ",
    );
  });

  it('rejects data that JSON changes, because consumers would read other data', () => {
    const date = z.custom<Date>((value) => value instanceof Date);
    const Dated = defineEvent({ type: 'dated', source: '/t', version: 1, schema: z.object({ at: date }) });

    expect(thrownBy(() => draftEvent(Dated, { at: new Date(0) }, context, maker()))).toMatchObject({
      code: 'EVENT_DATA_INVALID',
      violations: [{ path: 'at' }],
    });
    expect(thrownBy(() => draftEvent(Audited, { note: 1n as unknown as string }, context, maker()))).toMatchObject({
      code: 'EVENT_DATA_INVALID',
    });
    expect(
      thrownBy(() => draftEvent(Audited, undefined as unknown as { note: string }, context, maker())),
    ).toMatchObject({
      code: 'EVENT_DATA_INVALID',
      violations: [{ path: '', message: 'is missing: pass the data' }],
    });
  });

  it.each([
    ['a Date', new Date(0), 'is a Date, which JSON cannot represent: write it as text: date.toISOString()'],
    ['a Set', new Set(['a']), 'is a Set, which JSON cannot represent: write it as a list: [...set]'],
    ['NaN', Number.NaN, 'is NaN, which JSON cannot represent: leave it out, or write null'],
    ['a BigInt', 1n, 'is a BigInt, which JSON cannot represent: write it as text: String(value)'],
    [
      'a class instance',
      new (class Money {
        readonly minorUnits = 1;
      })(),
      "is an instance of 'Money', which JSON cannot represent: write its members as a plain object",
    ],
  ])('rejects %s in the data by path and kind, even if the schema accepts its JSON form', (_, value, message) => {
    const Loose = defineEvent({
      type: 'loose',
      source: '/t',
      version: 1,
      schema: z.object({ lines: z.array(z.any()) }),
    });

    expect(thrownBy(() => draftEvent(Loose, { lines: [{ value }] }, context, maker()))).toMatchObject({
      code: 'EVENT_DATA_INVALID',
      violations: [{ path: 'lines.0.value', message }],
    });
  });

  it('keeps members that are named like inherited object members', async () => {
    const Loose = defineEvent({ type: 'loose', source: '/t', version: 1, schema: z.object({ any: z.any() }) });
    const any = JSON.parse('{"constructor":"c","__proto__":{"toString":1}}');

    const event = sealEvent(await draftEvent(Loose, { any }, context, maker()), 1);

    expect(JSON.stringify(parseEvent(JSON.stringify(event)).data)).toBe(
      '{"any":{"constructor":"c","__proto__":{"toString":1}}}',
    );
  });

  it('omits an empty subject and an empty tracestate', async () => {
    const draft = await draftEvent(withSubject(''), { note: 'n' }, { ...context, tracestate: '' }, maker());

    const event = sealEvent(draft, 1);

    expect(event).not.toHaveProperty('subject');
    expect(event).not.toHaveProperty('tracestate');
    expect(parseEvent(JSON.stringify(event))).toStrictEqual(event);
  });

  it('rejects an event that every consumer would refuse and names every invalid attribute', () => {
    const numbered = withSubject(7 as unknown as string);

    expect(thrownBy(() => draftEvent(numbered, { note: 'n' }, { correlationId: '' }, maker()))).toMatchObject({
      code: 'EVENT_ENVELOPE_INVALID',
      message:
        "'noted' cannot be published, no consumer would accept it: correlationid: expected a non-empty string, got ''; subject: expected a non-empty string or nothing, got 7: fix the event's definition, or the context in which it is published",
    });
  });

  it.each([
    ['a space', 'order 7'],
    ['nothing', ''],
    ['more than 128 characters', 'x'.repeat(129)],
    ['a letter outside ASCII', 'größe'],
  ])('rejects a group with %s, because SQS would reject it', (_, group) => {
    const Grouped = defineEvent({
      type: 'grouped',
      source: '/t',
      version: 1,
      schema: z.object({ group: z.string() }),
      group: (data) => data.group,
    });

    expect(thrownBy(() => draftEvent(Grouped, { group }, context, maker()))).toMatchObject({
      code: 'EVENT_PLACE_INVALID',
    });
  });

  it('accepts hops that the caller counts itself, and rejects those that are not whole numbers', async () => {
    const cause = { ...sealEvent(await draftEvent(Audited, { note: 'a' }, context, maker()), 1), hops: 7 };

    const { envelope } = await draftEvent(Audited, { note: 'b' }, { ...context, cause, hops: 3 }, maker());
    const odd = () => draftEvent(Audited, { note: 'b' }, { ...context, cause, hops: 1.5 }, maker());

    expect(envelope.hops).toBe(3);
    expect(odd).toThrow("the hops of 'com.example.audit.noted' must be a whole number from 0, got 1.5");
  });

  it('rejects an event if its chain of events has used up its hops', async () => {
    const cause = { ...sealEvent(await draftEvent(Audited, { note: 'a' }, context, maker()), 1), hops: 2 };

    const error = thrownBy(() => draftEvent(Audited, { note: 'b' }, { ...context, cause }, { ...maker(), maxHops: 2 }));

    expect(error).toMatchObject({
      code: 'EVENT_HOP_LIMIT',
      message:
        "'com.example.audit.noted' would be step 3 of a chain of events, allowed are up to 2: look for consumers that publish to each other in a loop, or raise maxHops of the outbox",
    });
  });

  it('supports asynchronous schemas', async () => {
    const Slow = defineEvent({
      type: 'slow',
      source: '/t',
      version: 1,
      schema: z.object({ name: z.string().refine(async (name) => name !== 'bad', 'is bad') }),
    });

    await expect(draftEvent(Slow, { name: 'good' }, context, maker())).resolves.toMatchObject({ grouped: false });
    await expect(draftEvent(Slow, { name: 'bad' }, context, maker())).rejects.toMatchObject({
      code: 'EVENT_DATA_INVALID',
      violations: [{ path: 'name', message: 'is bad' }],
    });
  });
});
