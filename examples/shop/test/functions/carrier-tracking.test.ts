import { describe, expect, it } from 'vitest';
import { carrierTracking, carrierTrackingOfTenants } from '../../functions/carrier-tracking/webhook.ts';

const message = {
  type: 'parcel.moved',
  data: {
    customerReference: '1042',
    trackingCode: 'TRK_1',
    state: 'OUT_FOR_DELIVERY',
    occurredAt: '2026-11-21T08:00:00.000Z',
  },
};

const meta = {
  deliveryId: 'trk_1',
  type: 'parcel.moved',
  tenantId: undefined,
  receivedAt: '2026-11-21T08:00:01.000Z',
  sentAt: undefined,
};

describe.each([carrierTracking, carrierTrackingOfTenants])('the webhook of carriers at $path', ({ events }) => {
  const moved = events['parcel.moved'];

  it('translates a message to an event in the group of its order', async () => {
    const result = await moved?.schema['~standard'].validate(message);

    expect(moved?.translate(result !== undefined && 'value' in result ? result.value : undefined, meta)).toMatchObject({
      definition: { type: 'com.example.parcel.moved' },
      data: {
        orderId: '1042',
        trackingNumber: 'TRK_1',
        status: 'out-for-delivery',
        at: '2026-11-21T08:00:00.000Z',
        deliveryId: 'trk_1',
      },
    });
  });

  it.each([
    ['an unknown state', { state: 'LOST' }],
    ['a state that is a member of every object', { state: 'toString' }],
    ['a reference that is no order id', { customerReference: 'order#1042' }],
    ['no tracking code', { trackingCode: '' }],
    ['a time that is none', { occurredAt: 'yesterday' }],
  ])('refuses %s', async (_, data) => {
    const result = await moved?.schema['~standard'].validate({ ...message, data: { ...message.data, ...data } });

    expect(result?.issues).toHaveLength(1);
  });
});
