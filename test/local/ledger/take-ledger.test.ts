import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventOf, type LedgerUnderTest, openLedger } from './ledger-under-test.ts';

/** sha256 of ["/orders","a"] in base64, as Powertools keeps it. */
const INBOX_KEY_OF_A = 'billing#3+8q3ps/AcU8vz3talyLa8DVklfCLnioYV7uAmNI/MQ=';

let ledger: LedgerUnderTest;

beforeEach(async () => {
  ledger = await openLedger();
});

afterEach(() => ledger[Symbol.asyncDispose]());

const OPEN_A = {
  group: 'order#1',
  sequence: 1,
  eventId: 'a',
  eventType: 'placed',
  consumer: 'billing',
  queueName: undefined,
  reason: undefined,
};

describe('takeLedger', () => {
  it('finds nothing in an empty log', async () => {
    expect(await ledger.take()).toEqual({ events: 0, published: 0, handled: 0, steppedOver: 0, open: [], strays: [] });
  });

  it('counts an event as handled once its inbox record is completed', async () => {
    await ledger.putLogged(eventOf());
    await ledger.putInbox(INBOX_KEY_OF_A, 'COMPLETED');

    expect(await ledger.take()).toEqual({ events: 1, published: 1, handled: 1, steppedOver: 0, open: [], strays: [] });
  });

  it('calls an event lost when it is not found anywhere, even if it was once in progress', async () => {
    await ledger.putLogged(eventOf());
    await ledger.putInbox(INBOX_KEY_OF_A, 'INPROGRESS');

    expect(await ledger.take()).toMatchObject({ published: 1, handled: 0, open: [{ ...OPEN_A, place: 'lost' }] });
  });

  it('calls an event held when its group is blocked by an earlier one', async () => {
    await ledger.putLogged(eventOf());
    await ledger.putLogged(eventOf({ id: 'b', sequence: 2 }));
    await ledger.send('billing-dead.fifo', JSON.stringify(eventOf()));
    await ledger.putWaitingCursor(1);

    expect(await ledger.take()).toMatchObject({
      open: [
        { ...OPEN_A, place: 'dead-letter', queueName: 'billing-dead.fifo', reason: 'received 0 times' },
        {
          ...OPEN_A,
          sequence: 2,
          eventId: 'b',
          place: 'held',
          reason: 'its group waits for sequence 1: CARD_REFUSED: no money',
        },
      ],
    });
  });

  it('calls a blocking event lost when no message of it is left', async () => {
    await ledger.putLogged(eventOf());
    await ledger.putWaitingCursor(1);

    expect(await ledger.take()).toMatchObject({ open: [{ ...OPEN_A, place: 'lost' }] });
  });

  it('counts events that a consumer need not handle as skipped over, and names those with a message left', async () => {
    await ledger.putLogged(eventOf());
    await ledger.putLogged(eventOf({ id: 'b', sequence: 2 }));
    await ledger.send('billing-dead.fifo', JSON.stringify(eventOf({ id: 'b', sequence: 2 })));

    expect(await ledger.take(undefined, { owed: 'no-more' })).toMatchObject({
      steppedOver: 1,
      open: [{ eventId: 'b', place: 'dead-letter' }],
    });
    expect(await ledger.take(undefined, { owed: 'not-yet' })).toMatchObject({
      steppedOver: 0,
      open: [{ eventId: 'b' }],
    });
  });

  it('expects no handling of an event that no rule matches', async () => {
    await ledger.putLogged(eventOf({ type: 'cancelled' }));

    expect(await ledger.take()).toEqual({ events: 1, published: 1, handled: 0, steppedOver: 0, open: [], strays: [] });
  });

  it('matches rules against the whole event as it is on the bus', async () => {
    await ledger.putLogged({ ...eventOf(), hops: 1 });

    expect(await ledger.take()).toMatchObject({ events: 1, open: [] });
  });

  it('finds an event that waits for the relay', async () => {
    await ledger.putLogged(eventOf());
    await ledger.putMarker(eventOf());

    expect(await ledger.take()).toMatchObject({ published: 0, open: [{ ...OPEN_A, place: 'pending' }] });
  });

  it('finds a quarantined event with its reason', async () => {
    await ledger.putLogged(eventOf());
    await ledger.putMarker(eventOf(), { code: 'ENTRY_TOO_LARGE', message: 'too large' });

    expect(await ledger.take()).toMatchObject({
      published: 0,
      open: [{ ...OPEN_A, place: 'quarantined', reason: 'ENTRY_TOO_LARGE: too large' }],
    });
  });

  it('finds an unpublished event without a subscriber', async () => {
    await ledger.putLogged(eventOf({ type: 'cancelled' }));
    await ledger.putMarker(eventOf());

    expect(await ledger.take()).toMatchObject({
      published: 0,
      open: [{ ...OPEN_A, eventType: 'cancelled', consumer: undefined, place: 'pending' }],
    });
  });

  it('finds an event in its queue, visible or in flight', async () => {
    await ledger.putLogged(eventOf());
    await ledger.send('billing.fifo', JSON.stringify(eventOf()));

    expect(await ledger.take()).toMatchObject({
      open: [{ ...OPEN_A, place: 'queued', queueName: 'billing.fifo', reason: 'visible, received 0 times' }],
      strays: [],
    });

    await ledger.receive('billing.fifo');

    expect(await ledger.take()).toMatchObject({
      open: [{ ...OPEN_A, place: 'queued', queueName: 'billing.fifo', reason: 'in flight, received once' }],
    });
  });

  it('finds a dead letter, with the error that its consumer logged last', async () => {
    await ledger.putLogged(eventOf());
    await ledger.send('billing-dead.fifo', JSON.stringify(eventOf()));

    const taken = await ledger.take((consumer, id) => `CARD_DECLINED: ${consumer} ${id}`);

    expect(taken).toMatchObject({
      open: [
        {
          ...OPEN_A,
          place: 'dead-letter',
          queueName: 'billing-dead.fifo',
          reason: 'received 0 times; CARD_DECLINED: billing a',
        },
      ],
      strays: [],
    });
  });

  it('finds an undeliverable event inside the envelope of the bus, with its reason', async () => {
    await ledger.putLogged(eventOf());
    const envelope = { version: '0', id: 'bus-id', source: '/orders', 'detail-type': 'placed', detail: eventOf() };
    await ledger.send('billing-undeliverable', JSON.stringify(envelope), {
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: 'the queue is gone',
    });

    expect(await ledger.take()).toMatchObject({
      open: [
        {
          ...OPEN_A,
          place: 'undeliverable',
          queueName: 'billing-undeliverable',
          reason: 'NO_RESOURCE: the queue is gone',
        },
      ],
      strays: [],
    });
  });

  it('reports dead letters of events that were handled, and those that are not events', async () => {
    await ledger.putLogged(eventOf());
    await ledger.putInbox(INBOX_KEY_OF_A, 'COMPLETED');
    await ledger.send('billing-dead.fifo', JSON.stringify(eventOf()));
    await ledger.send('billing-dead.fifo', 'not JSON');

    const taken = await ledger.take();

    expect(taken).toMatchObject({ handled: 1, open: [] });
    expect(taken.strays.map(({ place, eventKey }) => [place, eventKey])).toEqual([
      ['dead-letter', '["/orders","a"]'],
      ['dead-letter', undefined],
    ]);
  });

  it('ignores a duplicate message in a queue if its event is handled', async () => {
    await ledger.putLogged(eventOf());
    await ledger.putInbox(INBOX_KEY_OF_A, 'COMPLETED');
    await ledger.send('billing.fifo', JSON.stringify(eventOf()));

    expect(await ledger.take()).toMatchObject({ handled: 1, steppedOver: 0, open: [], strays: [] });
  });

  it('reports an item of the log that is not an event', async () => {
    await ledger.putLogged(eventOf(), '{}');

    expect(await ledger.take()).toMatchObject({
      open: [{ place: 'unreadable', group: 'order#1', reason: expect.stringContaining('specversion') }],
    });
  });

  it('reads any number of events from the inbox', async () => {
    await ledger.putInbox(INBOX_KEY_OF_A, 'COMPLETED');
    await ledger.putLogged(eventOf());
    for (let sequence = 2; sequence <= 250; sequence++) {
      await ledger.putLogged(eventOf({ id: `e${sequence}`, sequence }));
    }

    const taken = await ledger.take();

    expect(taken).toMatchObject({ events: 250, handled: 1 });
    expect(taken.open).toHaveLength(249);
  });
});
