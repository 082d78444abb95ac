import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineEvent } from '../../../lib/definitions/index.ts';
import { defineWebhook, github, on, publish } from '../../../lib/webhook/public.ts';
import { ParcelMoved, tracking } from './webhook-rig.ts';

const Other = defineEvent({ type: 'com.example.other', source: '/a', version: 1, schema: z.object({ a: z.string() }) });

describe('a webhook definition', () => {
  it('has the defaults and all events that its translations publish', () => {
    const webhook = defineWebhook({
      name: 'carrier',
      path: '/webhooks/{tenant}/carrier',
      scheme: github(),
      events: { 'a.b': tracking, 'a.c': on(z.unknown(), [ParcelMoved, Other], () => publish(Other, { a: 'a' })) },
    });

    expect(webhook).toMatchObject({
      hasTenants: true,
      toleranceSeconds: 300,
      maxBytes: 262_144,
      unknown: 'accept',
      retired: false,
      publishes: [ParcelMoved, Other],
    });
    expect(webhook.publishes).toHaveLength(2);
  });

  it('refuses all that is wrong, in one error', () => {
    expect(() =>
      defineWebhook({
        name: 'Carrier!',
        path: 'webhooks/{tenant}/{id}',
        // @ts-expect-error: no scheme
        scheme: 'github',
        toleranceSeconds: 0,
        maxBytes: 5_000_000,
        // @ts-expect-error: no policy
        unknown: 'ignore',
        // @ts-expect-error: no schema
        events: { a: { schema: 1, publishes: [], translate: () => [] } },
      }),
    ).toThrow(
      "webhook 'Carrier!' is not valid: name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got 'Carrier!'; path must begin with '/' and have segments of letters, digits, '.', '_', '~', '-' or '{tenant}', such as '/webhooks/{tenant}/carrier', got 'webhooks/{tenant}/{id}'; scheme must be standardWebhooks(), stripe(), github(), shopify(), slack(), twilio() or hmac(), got 'github'; toleranceSeconds must be a whole number from 1 to 3600, got 0; maxBytes must be a whole number from 1 to 4194304, got 5000000; unknown must be 'accept' or 'refuse', got 'ignore'; events must be results of 'on' with a schema that speaks Standard Schema, got an object for 'a'",
    );
  });

  it('refuses two tenants in a path, no events, and an event that is missing', () => {
    const props = { name: 'a', path: '/a', scheme: github(), events: { a: tracking } };
    // @ts-expect-error: a circular import is undefined
    const circular = on(z.unknown(), [undefined], () => []);

    expect(() => defineWebhook({ ...props, path: '/{tenant}/{tenant}' })).toThrow("path must have '{tenant}' once");
    expect(() => defineWebhook({ ...props, events: {} })).toThrow('events must have at least one type, got none');
    expect(() => defineWebhook({ ...props, events: { a: circular } })).toThrow(
      "'a' must publish results of defineEvent, got undefined at position 1",
    );
  });

  it('does not compile with a publication that is not listed, or whose data do not fit', () => {
    // @ts-expect-error: Other is not listed
    on(z.unknown(), [ParcelMoved], () => publish(Other, { a: 'a' }));
    // @ts-expect-error: no status
    on(z.unknown(), [ParcelMoved], () => publish(ParcelMoved, { parcel: 'p-1' }));

    expect(on(z.unknown(), [ParcelMoved], () => []).publishes).toStrictEqual([ParcelMoved]);
  });
});
