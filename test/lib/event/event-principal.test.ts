import { describe, expect, it } from 'vitest';
import { causedBy, draftEvent, type EventPrincipal, parseEvent, sealEvent } from '../../../lib/event/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { Audited } from '../../fixtures/events.ts';

const maker = () => ({ clock: createTestClock(), ids: createCountingIds() });

const published = async (principal?: EventPrincipal) =>
  sealEvent(
    await draftEvent(
      Audited,
      { note: 'a' },
      { correlationId: 'request-7', ...(principal === undefined ? {} : { principal }) },
      maker(),
    ),
    1,
  );

/** What an event inherits that is published while the event is handled that is on the wire with these attributes. */
const inheritedFrom = async (attributes: object) =>
  causedBy(parseEvent(JSON.stringify({ ...(await published()), ...attributes }))).principal;

describe('the principal of an event', () => {
  it('is written in the attributes of CloudEvents’ Auth Context', async () => {
    expect(await published({ type: 'app_user', id: 'user-7' })).toMatchObject({
      authtype: 'app_user',
      authid: 'user-7',
    });
  });

  it('may have no id, and is left out if nobody is named', async () => {
    expect(await published({ type: 'system' })).toMatchObject({ authtype: 'system' });
    expect(await published({ type: 'system' })).not.toHaveProperty('authid');
    expect(await published()).not.toHaveProperty('authtype');
  });

  it('is inherited by events that a handler of the event publishes', async () => {
    expect(await inheritedFrom({ authtype: 'app_user', authid: 'user-7' })).toStrictEqual({
      type: 'app_user',
      id: 'user-7',
    });
  });

  it.each([
    ['an event of an earlier release, which names none', {}, undefined],
    ['an id without a type', { authid: 'user-7' }, undefined],
    ['a type that is no text', { authtype: 7, authid: 'user-7' }, undefined],
    ['a type that CloudEvents does not define', { authtype: 'device', authid: 'd-7' }, { type: 'device', id: 'd-7' }],
    ['an id that is no text', { authtype: 'app_user', authid: { sub: 7 } }, { type: 'app_user' }],
    ['an id beyond 255 characters', { authtype: 'app_user', authid: 'u'.repeat(256) }, { type: 'app_user' }],
    ['null', { authtype: null, authid: null }, undefined],
  ])('is read from what another publisher wrote: %s', async (_, attributes, expected) => {
    expect(await inheritedFrom(attributes)).toStrictEqual(expected);
  });

  it.each([
    ['authid', { type: 'app_user', id: '' }],
    ['authid', { type: 'app_user', id: `jane@example.com${'x'.repeat(240)}` }],
    ['authid', { type: 'app_user', id: 'jane@example.com\n' }],
    ['authid', { type: 'app_user', id: 'jane@example.com\ud800' }],
    ['authtype', { type: '', id: 'jane@example.com' }],
    ['authtype', { type: 'x'.repeat(65), id: 'jane@example.com' }],
  ])('is refused with an invalid %s, which is not quoted', async (path, principal) => {
    const refused = published(principal).catch((error: unknown) => error);

    expect(await refused).toMatchObject({ code: 'EVENT_ENVELOPE_INVALID', violations: [{ path }] });
    expect(String(await refused)).not.toContain('jane');
  });

  it('may have an id of 255 characters', async () => {
    expect(await published({ type: 'app_user', id: 'u'.repeat(255) })).toMatchObject({ authid: 'u'.repeat(255) });
  });
});
