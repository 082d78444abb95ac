import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { OutboxThrottledError } from '../../../lib/outbox/errors.ts';
import { defineWebhook, on, publish, standardWebhooks, type WebhookEvent } from '../../../lib/webhook/public.ts';
import { BODY, NOW, openRig, ParcelMoved, standardHeaders, tracking } from './webhook-rig.ts';

const signed = { headers: standardHeaders() };

const webhookWith = (event: WebhookEvent, more: object = {}) =>
  defineWebhook({
    name: 'carrier',
    path: '/webhooks/{tenant}/carrier',
    scheme: standardWebhooks(),
    events: { 'tracking.updated': event },
    ...more,
  });

describe('a delivery', () => {
  it('is recorded for 7 days with its event, and its translation is told what is known of it', async () => {
    const metas: unknown[] = [];
    const rig = openRig(
      webhookWith(
        on(z.object({ type: z.string() }), [ParcelMoved], ({ type }, meta) => {
          metas.push(meta);
          return publish(ParcelMoved, { parcel: type, status: 'seen' });
        }),
      ),
    );

    await rig.send({ headers: standardHeaders({ timestamp: NOW - 5 }) });

    expect(metas).toStrictEqual([
      {
        tenantId: 'acme',
        deliveryId: 'msg-1',
        type: 'tracking.updated',
        receivedAt: '2026-11-20T06:00:00.000Z',
        sentAt: '2026-11-20T05:59:55.000Z',
      },
    ]);
    expect(rig.deliveries()).toStrictEqual([
      {
        id: 'acme#id#msg-1',
        deliveryId: 'msg-1',
        type: 'tracking.updated',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        receivedAt: '2026-11-20T06:00:00.000Z',
        expires: 1_795_759_200,
        format: 1,
      },
    ]);
  });

  it('of another tenant may have the same id', async () => {
    const rig = openRig();
    rig.secrets.set('webhooks/globex', rig.secrets.get('webhooks/acme') ?? '');

    await rig.send(signed);
    await rig.send({ ...signed, tenant: 'globex' });

    expect(rig.events()).toHaveLength(2);
  });

  it('whose commit fails is answered with 503 and Retry-After, and accepted when it is sent again', async () => {
    const rig = openRig();
    rig.failCommits(new OutboxThrottledError(3, 'ThrottlingError', 0));

    const answer = await rig.answer(signed);
    rig.failCommits(undefined);

    expect(answer).toStrictEqual({
      statusCode: 503,
      headers: { 'cache-control': 'no-store', 'retry-after': '5', 'x-content-type-options': 'nosniff' },
    });
    expect(rig.counted).toStrictEqual({ WebhooksUnavailable: 1 });
    expect((await rig.send(signed)).status).toBe(204);
    expect(rig.events()).toHaveLength(1);
  });

  it('whose translation throws is answered with 503, because newer code may translate it', async () => {
    const rig = openRig(
      webhookWith(
        on(z.unknown(), [ParcelMoved], () => {
          throw new TypeError('not thought of');
        }),
      ),
    );

    expect(await rig.send(signed)).toMatchObject({ status: 503, reason: 'translation-failed' });
    expect(rig.lines.join()).toContain('not thought of');
    expect(rig.deliveries()).toStrictEqual([]);
  });

  it('whose translation publishes an event that is not declared is answered with 503', async () => {
    const event: WebhookEvent = {
      schema: z.unknown(),
      publishes: [],
      translate: () => publish(ParcelMoved, { parcel: 'p-1', status: 's' }),
    };
    const rig = openRig(webhookWith(event));

    expect(await rig.send(signed)).toMatchObject({ status: 503, reason: 'translation-failed' });
    expect(rig.lines.join()).toContain(
      "the translation of 'tracking.updated' publishes 'com.example.parcel.moved', and 'on' lists no events: add it there",
    );
  });

  it('is recorded without an event if its translation returns none, and with all if it returns several', async () => {
    const none = openRig(webhookWith(on(z.unknown(), [], () => [])));
    await none.send(signed);
    expect([none.deliveries().length, none.events().length]).toStrictEqual([1, 0]);

    const moved = (parcel: string) => publish(ParcelMoved, { parcel, status: 's' });
    const both = openRig(webhookWith(on(z.unknown(), [ParcelMoved], () => [moved('p-1'), moved('p-2')])));
    await both.send(signed);
    expect(both.events().map(({ group }) => group)).toStrictEqual(['tenant:acme:parcel#p-1', 'tenant:acme:parcel#p-2']);
  });

  it('that makes no valid event is refused, because another attempt would fail again', async () => {
    const send = async (parcel: string) => {
      const body = JSON.stringify({ type: 'tracking.updated', data: { parcel, status: 's'.repeat(1_000) } });
      const rig = openRig(webhookWith(tracking, { maxBytes: 2_000_000 }));
      const { status, reason } = await rig.send({ headers: standardHeaders({ body }), body });
      return { status, reason, written: rig.deliveries().length };
    };

    expect(await send('two words')).toStrictEqual({ status: 400, reason: 'event-misfit', written: 0 });
    expect(await send('p'.repeat(200))).toStrictEqual({ status: 400, reason: 'event-misfit', written: 0 });
    const large = openRig(
      webhookWith(
        on(z.unknown(), [ParcelMoved], () => publish(ParcelMoved, { parcel: 'p-1', status: 's'.repeat(1_100_000) })),
      ),
    );
    expect(await large.send(signed)).toStrictEqual({ status: 413, reason: 'event-too-large', body: undefined });
  });

  it('of an unknown type is refused with 400 where the definition says so', async () => {
    const body = BODY.replace('tracking.updated', 'constructor');
    const rig = openRig(webhookWith(tracking, { unknown: 'refuse' }));

    expect(await rig.send({ headers: standardHeaders({ body }), body })).toMatchObject({
      status: 400,
      reason: 'type-unknown',
    });
  });

  it('is not told of in log lines by its values', async () => {
    const rig = openRig();
    const body = BODY.replace('"p-1"', '["jane@example.com"]');

    await rig.send({ headers: standardHeaders({ body }), body });

    expect(rig.lines.join()).toContain('schema-misfit');
    expect(rig.lines.join()).not.toContain('jane@example.com');
  });

  it('of a webhook without tenants belongs to none, whatever the path says', async () => {
    const rig = openRig(webhookWith(tracking, { path: '/webhooks/carrier' }));

    expect((await rig.send(signed)).status).toBe(204);
    expect(rig.events()).toStrictEqual([{ type: 'com.example.parcel.moved', group: 'parcel#p-1' }]);
    rig.secrets.delete('webhooks/');
    rig.advance(300);
    expect(await rig.send({ headers: standardHeaders({ timestamp: NOW + 300 }) })).toMatchObject({
      status: 503,
      reason: 'secret-unreadable',
    });
  });
});
