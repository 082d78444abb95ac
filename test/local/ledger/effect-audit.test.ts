import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import { createEffectAudit } from '../../../local/ledger/effect-audit.ts';
import type { Effects } from '../../../local/ledger/effects.ts';
import type { Consumer } from '../../../local/ledger/topology.ts';
import { billingConsumer, eventOf } from './ledger-under-test.ts';

const effectsOf = (
  places: Readonly<Record<string, number>>,
  repeated: Readonly<Record<string, number>> = {},
  keptOrder: (key: string) => boolean = () => true,
): Effects => ({
  follow: () => {},
  completedAt: (key) => places[key],
  keptOrder,
  repeated: () => new Map(Object.entries(repeated)),
  [Symbol.dispose]: () => {},
});

const strict = billingConsumer('http://127.0.0.1/billing.fifo');

const deliver = (consumer: Consumer, sequence: number, group = 'order#1', isOwed = true) => ({
  event: event(sequence),
  group,
  sequence,
  consumer,
  isOwed,
  inboxKey: `${group} ${sequence}`,
});

const event = (sequence: number, more: Partial<CloudEvent> = {}): CloudEvent => ({
  ...eventOf({ id: `e${sequence}`, sequence }),
  specversion: '1.0',
  datacontenttype: 'application/json',
  ...more,
});

describe('createEffectAudit', () => {
  it('finds nothing if every event was handled once, and each group in order', () => {
    const audit = createEffectAudit(effectsOf({ 'order#1 1': 1, 'order#2 1': 2, 'order#1 2': 3 }));

    for (const delivery of [deliver(strict, 1), deliver(strict, 2), deliver(strict, 1, 'order#2')]) {
      audit.addDelivery(delivery);
    }

    expect(audit.findings()).toEqual({ repeatedEffects: 0, orderBreaks: 0, troubles: [] });
  });

  it('counts how many times an event was handled beyond the first', () => {
    const audit = createEffectAudit(effectsOf({ 'order#1 1': 1 }, { 'order#1 1': 2 }));

    audit.addDelivery(deliver(strict, 1));

    expect(audit.findings()).toEqual({
      repeatedEffects: 2,
      orderBreaks: 0,
      troubles: ['group order#1: billing handled placed, sequence 1, 3 times'],
    });
  });

  it('finds events that were handled before an earlier event, or although an earlier one never was', () => {
    const audit = createEffectAudit(effectsOf({ 'order#1 1': 9, 'order#1 2': 1, 'order#2 2': 2 }));

    for (const group of ['order#1', 'order#2']) {
      for (const sequence of [1, 2]) audit.addDelivery(deliver(strict, sequence, group));
    }

    expect(audit.findings()).toEqual({
      repeatedEffects: 0,
      orderBreaks: 2,
      troubles: [
        'group order#1: billing handled placed, sequence 2, before an earlier event',
        'group order#2: billing handled placed, sequence 2, before an earlier event',
      ],
    });
  });

  it('expects no order if no cursor moved: the consumer was fifo when it handled the later event', () => {
    const places = { 'order#1 1': 9, 'order#1 2': 1, 'order#1 3': 2 };
    const audit = createEffectAudit(effectsOf(places, {}, (key) => key !== 'order#1 2'));

    for (const sequence of [1, 2, 3]) audit.addDelivery(deliver(strict, sequence));

    expect(audit.findings()).toMatchObject({
      orderBreaks: 1,
      troubles: ['group order#1: billing handled placed, sequence 3, before an earlier event'],
    });
  });

  it('accepts that an event is late or missing if the consumer need not handle it', () => {
    const audit = createEffectAudit(effectsOf({ 'order#1 1': 9, 'order#1 3': 1 }));

    audit.addDelivery(deliver(strict, 1, 'order#1', false));
    audit.addDelivery(deliver(strict, 2, 'order#1', false));
    audit.addDelivery(deliver(strict, 3));

    expect(audit.findings()).toMatchObject({ orderBreaks: 0 });
  });

  it('finds an event that was published twice for one cause', () => {
    const audit = createEffectAudit(effectsOf({}));

    audit.addEvent(event(1));
    for (const causationid of ['c1', 'c1', 'c2']) audit.addEvent(event(2, { causationid }));
    audit.addEvent(event(3, { causationid: 'c1', type: 'paid' }));
    audit.addEvent(event(1, { causationid: 'c1', partitionkey: 'order#2' }));

    expect(audit.findings()).toEqual({
      repeatedEffects: 1,
      orderBreaks: 0,
      troubles: ['group order#1: placed was published 2 times for event c1'],
    });
  });

  it('lets a run of a sync publish for each of its records, and finds one that it published twice', () => {
    const audit = createEffectAudit(effectsOf({}));
    const moved = (record: number) => event(record, { causationid: 'run-1', data: { record } });

    for (const record of [1, 2, 2]) audit.addEvent(moved(record));
    audit.addEvent(event(4, { id: 'run-1', type: 'waybill.sync.tracking.requested' }));

    expect(audit.findings()).toEqual({
      repeatedEffects: 1,
      orderBreaks: 0,
      troubles: ['group order#1: placed was published 2 times for event run-1'],
    });
  });
});
