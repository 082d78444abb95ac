import { describe, expect, it } from 'vitest';
import type { PublishFailure } from '../../../../lib/outbox/relay/failure.ts';
import type { EntryResult, OutboxRecord } from '../../../../lib/outbox/relay/ports.ts';
import { eventRecord, keyOf, setUp, T0 } from './relay-bench.ts';

const MINUTE_MS = 60_000;

const failure = (code: string): PublishFailure => ({ code, message: `forced ${code}` });
const retryable = (code: string): EntryResult => ({ status: 'retryable', failure: failure(code) });
const refused = (code: string): EntryResult => ({ status: 'refused', failure: failure(code) });
const misconfigured = (code: string): EntryResult => ({ status: 'misconfigured', failure: failure(code) });
const names = (entry: { readonly detail: string }, id: string) => entry.detail.includes(`"${id}"`);

describe('createRelay', () => {
  it('publishes a batch in one call, forwards each event byte for byte and deletes its marker', async () => {
    const spaced = '{ "id" : "b-1",  "amount": 1.50 }';
    const records = [eventRecord(1, 'a', 1), eventRecord(2, 'b', 1, { body: spaced })];
    const bench = setUp(records);

    const report = await bench.relay.run(records, MINUTE_MS);

    expect(report).toEqual({
      lowestFailed: undefined,
      stoppedGroups: new Set(),
      published: 2,
      quarantined: 0,
      failed: 0,
    });
    expect(bench.publisher.requests).toHaveLength(1);
    expect(bench.publisher.accepted[1]).toEqual({
      source: '/orders',
      detailType: 'com.example.order.placed',
      detail: '{ "id" : "b-1",  "amount": 1.50 }',
      time: 1_699_999_999_960,
    });
    expect(bench.markers.keys()).toEqual([]);
  });

  it('does nothing for an empty batch', async () => {
    const bench = setUp([]);

    const report = await bench.relay.run([], MINUTE_MS);

    expect(report).toEqual({
      lowestFailed: undefined,
      stoppedGroups: new Set(),
      published: 0,
      quarantined: 0,
      failed: 0,
    });
    expect(bench.publisher.requests).toEqual([]);
    expect(bench.markers.requests).toEqual({ deleteBatch: 0, quarantine: 0 });
  });

  it('counts what it published and how long each event took from its commit', async () => {
    const records = [eventRecord(1, 'a', 1), eventRecord(2, 'b', 1, { committedAt: T0 })];
    const bench = setUp(records);

    await bench.relay.run(records, MINUTE_MS);

    expect(Object.fromEntries(bench.metrics)).toEqual({
      CommitToPublished: [40, 0],
      EventsPublished: [2],
      EventsQuarantined: [0],
      PublishRetries: [0],
    });
    expect(Object.fromEntries(bench.units)).toEqual({
      CommitToPublished: 'Milliseconds',
      EventsPublished: 'Count',
      EventsQuarantined: 'Count',
      PublishRetries: 'Count',
    });
    expect(bench.logs).toEqual([
      {
        level: 'info',
        message: 'relayed a batch of events',
        fields: {
          records: 2,
          lowestFailed: undefined,
          published: 2,
          quarantined: 0,
          failed: 0,
          calls: 1,
          retries: 0,
          durationMs: 0,
        },
      },
    ]);
  });

  it('quarantines an event with an unreadable group, without a tenant', async () => {
    const records = [eventRecord(1, 'tenant::a', 1)];
    const bench = setUp(records, { publisher: { fault: () => refused('MalformedDetail') } });

    const report = await bench.relay.run(records, MINUTE_MS);

    expect(report).toMatchObject({ quarantined: 1, failed: 0 });
    expect(bench.logs.find(({ level }) => level === 'error')).toMatchObject({ fields: { tenant_id: undefined } });
  });

  it.each([
    [7, 12],
    [12, 7],
  ])('reports the first of two records of one event if its marker cannot be deleted: %i, %i', async (first, second) => {
    const records = [eventRecord(first, 'a', 1), eventRecord(second, 'a', 1)];
    const bench = setUp(records, {
      markers: { fault: () => ({ ...failure('AccessDeniedException'), retryable: false }) },
    });

    const report = await bench.relay.run(records, MINUTE_MS);

    expect(report).toMatchObject({ lowestFailed: '7', failed: 1 });
  });

  describe('when entries fail temporarily', () => {
    it('resends only those, with a growing backoff, and counts the retries', async () => {
      const records = [eventRecord(1, 'a', 1), eventRecord(2, 'b', 1), eventRecord(3, 'c', 1)];
      const bench = setUp(records, {
        publisher: {
          fault: (entry, request) =>
            names(entry, 'b-1') && request < 3 ? retryable('ThrottlingException') : undefined,
        },
      });

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report.lowestFailed).toBeUndefined();
      expect(bench.requested()).toEqual([['a-1', 'b-1', 'c-1'], ['b-1'], ['b-1'], ['b-1']]);
      expect(bench.time.sleptMs).toEqual([50, 100, 200]);
      expect(bench.metrics.get('PublishRetries')).toEqual([3]);
      expect(bench.markers.keys()).toEqual([]);
    });

    it('reports the lowest record that still fails after the retries, and keeps the markers', async () => {
      const records = [eventRecord(8, 'a', 1), eventRecord(9, 'b', 1), eventRecord(10, 'c', 1)];
      const bench = setUp(records, {
        publisher: {
          fault: (entry) => (names(entry, 'a-1') ? undefined : retryable('InternalFailure')),
        },
      });

      const report = await bench.relay.run(records, 10_000);

      expect(report).toEqual({
        lowestFailed: '9',
        stoppedGroups: new Set(['b', 'c']),
        published: 1,
        quarantined: 0,
        failed: 2,
      });
      expect(bench.markers.keys()).toEqual([keyOf('b', 1), keyOf('c', 1)]);
      expect(bench.logs.at(-1)).toEqual({
        level: 'warn',
        message: 'some events of the batch are read from the stream again',
        fields: {
          lowestFailed: '9',
          failures: { InternalFailure: { count: 2, message: 'forced InternalFailure' } },
        },
      });
    });

    it('compares stream positions as whole numbers of any length', async () => {
      const records = [
        eventRecord('99999999999999999999', 'a', 1),
        eventRecord('100000000000000000000', 'b', 1),
        eventRecord('100000000000000000001', 'c', 1),
      ];
      const bench = setUp(records, { publisher: { fault: () => misconfigured('AccessDeniedException') } });

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report.lowestFailed).toBe('99999999999999999999');
    });

    it('holds back the later events of a group after a failed event, while other groups continue', async () => {
      const filler = Array.from({ length: 8 }, (_, index) => eventRecord(index + 3, `f${index}`, 1));
      const records = [
        eventRecord(1, 'a', 1),
        eventRecord(2, 'b', 1),
        ...filler,
        eventRecord(11, 'a', 2),
        eventRecord(12, 'b', 2),
      ];
      const bench = setUp(records, {
        publisher: { fault: (entry) => (names(entry, 'a-1') ? retryable('ThrottlingException') : undefined) },
      });

      const report = await bench.relay.run(records, 10_000);

      expect(report).toMatchObject({ lowestFailed: '1', published: 10, failed: 2 });
      expect(bench.requested().flat()).not.toContain('a-2');
      expect(bench.requested().at(-1)).toEqual(['b-2']);
      expect(bench.markers.keys()).toEqual([keyOf('a', 1), keyOf('a', 2)]);
    });

    it('sends nothing after the time limit', async () => {
      const records = [eventRecord(5, 'a', 1)];
      const bench = setUp(records);

      const report = await bench.relay.run(records, 0);

      expect(report).toMatchObject({ lowestFailed: '5', failed: 1 });
      expect(bench.publisher.requests).toEqual([]);
    });

    it('aborts a call that hangs, in time to delete the markers of the others', async () => {
      const records = Array.from({ length: 11 }, (_, index) => eventRecord(index + 1, `g${index}`, 1));
      const bench = setUp(records, {
        publisher: {
          latency: (entries, signal) =>
            new Promise((resolve) => {
              if (entries.length > 1) resolve();
              else signal.addEventListener('abort', () => resolve());
            }),
          fault: (entry) => (names(entry, 'g10-1') ? retryable('AbortError') : undefined),
        },
      });

      const report = await bench.relay.run(records, 10_000);

      expect(report).toMatchObject({ lowestFailed: '11', published: 10, failed: 1 });
      expect(bench.time.clock.now()).toBe(T0 + 7_750);
      expect(bench.markers.keys()).toEqual([keyOf('g10', 1)]);
    });
  });

  describe('when the deployment is wrong', () => {
    it('neither retries nor quarantines, and leaves the events to the next invocation', async () => {
      const records = [eventRecord(1, 'a', 1), eventRecord(2, 'a', 2), eventRecord(3, 'b', 1)];
      const bench = setUp(records, { publisher: { fault: () => misconfigured('AccessDeniedException') } });

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: '1', published: 0, quarantined: 0, failed: 3 });
      expect(bench.publisher.requests).toHaveLength(1);
      expect(bench.markers.requests).toEqual({ deleteBatch: 0, quarantine: 0 });
    });
  });

  describe('when an event can never succeed', () => {
    it('stores the reason on its marker and continues with its group', async () => {
      const records = [eventRecord(1, 'a', 1), eventRecord(2, 'a', 2, { body: 'no json' }), eventRecord(3, 'a', 3)];
      const bench = setUp(records);

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: undefined, published: 2, quarantined: 1, failed: 0 });
      expect(bench.accepted()).toEqual(['a-1', 'a-3']);
      expect(bench.markers.keys()).toEqual([keyOf('a', 2)]);
      expect(bench.markers.noteOf(keyOf('a', 2))).toEqual({
        code: 'MalformedDetail',
        message: 'Detail is malformed.',
        at: 1_700_000_000_000,
      });
      expect(bench.metrics.get('EventsQuarantined')).toEqual([1]);
      expect(bench.logs[0]).toEqual({
        level: 'error',
        message: 'an event cannot be published',
        fields: {
          position: '2',
          eventId: 'a-2',
          eventType: 'com.example.order.placed',
          group: 'a',
          sequence: 2,
          reason: { code: 'MalformedDetail', message: 'Detail is malformed.' },
          marker: { status: 'noted' },
        },
      });
    });

    it('logs the tenant of the event', async () => {
      const records = [eventRecord(1, 'tenant:acme:a', 1, { body: 'no json' })];
      const bench = setUp(records);

      await bench.relay.run(records, MINUTE_MS);

      expect(bench.logs[0]?.fields).toMatchObject({ group: 'tenant:acme:a', tenant_id: 'acme' });
    });

    it('finds the one invalid entry of a refused request by bisection, and publishes the others in order', async () => {
      const records = Array.from({ length: 10 }, (_, index) => eventRecord(index + 1, 'a', index + 1));
      const bench = setUp(records, {
        publisher: {
          refuse: (entries) =>
            entries.some((entry) => names(entry, 'a-7')) ? failure('ValidationException') : undefined,
        },
      });

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: undefined, published: 9, quarantined: 1, failed: 0 });
      expect(bench.accepted()).toEqual(['a-1', 'a-2', 'a-3', 'a-4', 'a-5', 'a-6', 'a-8', 'a-9', 'a-10']);
      expect(bench.markers.noteOf(keyOf('a', 7))?.code).toBe('ValidationException');
      expect(bench.metrics.get('PublishRetries')).toEqual([0]);
    });

    it('does not send an event that is too large for any call', async () => {
      const records = [eventRecord(1, 'a', 1, { body: `{"id":"${'x'.repeat(1_048_576)}"}` })];
      const bench = setUp(records);

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: undefined, quarantined: 1 });
      expect(bench.publisher.requests).toEqual([]);
      expect(bench.markers.noteOf(keyOf('a', 1))).toMatchObject({
        code: 'ENTRY_TOO_LARGE',
        message: 'the entry has 1048630 bytes, allowed are fewer than 1048576',
      });
    });

    it('quarantines a record that is not a readable event', async () => {
      const reason = failure('OUTBOX_RECORD_UNREADABLE');
      const records: OutboxRecord[] = [{ kind: 'unpublishable', position: '1', key: keyOf('a', 1), reason }];
      const bench = setUp(records, { pending: [keyOf('a', 1)] });

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: undefined, quarantined: 1 });
      expect(bench.markers.noteOf(keyOf('a', 1))).toMatchObject({
        code: 'OUTBOX_RECORD_UNREADABLE',
        message: 'forced OUTBOX_RECORD_UNREADABLE',
      });
    });

    it('only logs the failure if the marker is missing or its key is unknown', async () => {
      const records: OutboxRecord[] = [
        eventRecord(1, 'a', 1, { body: 'no json' }),
        { kind: 'unpublishable', position: '2', key: undefined, reason: failure('OUTBOX_RECORD_UNREADABLE') },
      ];
      const bench = setUp(records, { pending: [] });

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: undefined, quarantined: 2 });
      expect(bench.markers.keys()).toEqual([]);
      expect(bench.logs.filter(({ level }) => level === 'error').map(({ fields }) => fields)).toMatchObject([
        { position: '2', marker: { status: 'absent' } },
        { position: '1', marker: { status: 'absent' } },
      ]);
    });

    it('retries to write the note', async () => {
      const records = [eventRecord(1, 'a', 1)];
      const bench = setUp(records, {
        publisher: { fault: () => refused('InvalidArgument') },
        markers: {
          fault: (operation, request) =>
            operation === 'quarantine' && request < 2
              ? { ...failure('ProvisionedThroughputExceededException'), retryable: true }
              : undefined,
        },
      });

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: undefined, quarantined: 1 });
      expect(bench.markers.requests.quarantine).toBe(3);
      expect(bench.time.sleptMs).toEqual([25, 50]);
    });

    it('reports a record as failed if its note cannot be written', async () => {
      const records = [eventRecord(1, 'a', 1), eventRecord(2, 'b', 1)];
      const bench = setUp(records, {
        publisher: { fault: (entry) => (names(entry, 'b-1') ? refused('InvalidArgument') : undefined) },
        markers: {
          fault: (operation) =>
            operation === 'quarantine' ? { ...failure('AccessDeniedException'), retryable: false } : undefined,
        },
      });

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: '2', published: 1, quarantined: 0, failed: 1 });
      expect(bench.metrics.get('EventsQuarantined')).toEqual([0]);
      expect(bench.markers.requests.quarantine).toBe(1);
    });
  });

  describe('when markers are not deleted', () => {
    const manyRecords = Array.from({ length: 60 }, (_, index) => eventRecord(index + 1, `g${index}`, 1));

    it('deletes them in batches of 25', async () => {
      const bench = setUp(manyRecords);

      await bench.relay.run(manyRecords, MINUTE_MS);

      expect(bench.markers.requests.deleteBatch).toBe(3);
      expect(bench.markers.keys()).toEqual([]);
    });

    it('retries to delete unprocessed markers', async () => {
      const bench = setUp(manyRecords, {
        markers: { unprocessed: (keys, request) => (request === 0 ? keys.slice(20) : []) },
      });

      const report = await bench.relay.run(manyRecords, MINUTE_MS);

      expect(report.lowestFailed).toBeUndefined();
      expect(bench.markers.requests.deleteBatch).toBe(4);
      expect(bench.markers.keys()).toEqual([]);
    });

    it('reports their records as failed after the retries: they are published again, which is harmless', async () => {
      const bench = setUp(manyRecords, {
        markers: { unprocessed: (keys) => keys.filter(({ group }) => group === 'g30' || group === 'g40') },
      });

      const report = await bench.relay.run(manyRecords, 10_000);

      expect(report).toMatchObject({ lowestFailed: '31', published: 60, quarantined: 0, failed: 2 });
      expect(bench.markers.keys()).toEqual([keyOf('g30', 1), keyOf('g40', 1)]);
    });

    it('does not retry a permanent failure', async () => {
      const bench = setUp(manyRecords, {
        markers: { fault: () => ({ ...failure('ResourceNotFoundException'), retryable: false }) },
      });

      const report = await bench.relay.run(manyRecords, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: '1', failed: 60 });
      expect(bench.markers.requests.deleteBatch).toBe(3);
      expect(bench.time.sleptMs).toEqual([]);
    });

    it('includes a key once even if the stream contains its event twice', async () => {
      const records = [eventRecord(4, 'a', 1), eventRecord(5, 'a', 1)];
      const bench = setUp(records);

      const report = await bench.relay.run(records, MINUTE_MS);

      expect(report).toMatchObject({ lowestFailed: undefined, published: 2 });
      expect(bench.markers.keys()).toEqual([]);
    });
  });

  describe('in parallel', () => {
    /** Records how many calls were under way at once and when each began and ended. */
    function observe(records: readonly OutboxRecord[]) {
      let underWay = 0;
      const seen = { most: 0, timeline: [] as string[] };
      const bench = setUp(records, {
        publisher: (time) => ({
          latency: async (entries) => {
            const first = /"id":"([^"]*)"/.exec(entries[0]?.detail ?? '')?.[1];
            underWay += 1;
            seen.most = Math.max(seen.most, underWay);
            seen.timeline.push(`begin ${first}`);
            await time.sleep(10);
            seen.timeline.push(`end ${first}`);
            underWay -= 1;
          },
        }),
      });
      return { bench, seen };
    }

    it('runs at most eight calls at once', async () => {
      const records = Array.from({ length: 200 }, (_, index) => eventRecord(index + 1, `g${index}`, 1));
      const { bench, seen } = observe(records);

      await bench.relay.run(records, MINUTE_MS);

      expect(bench.publisher.requests).toHaveLength(20);
      expect(seen.most).toBe(8);
      expect(bench.time.clock.now()).toBe(T0 + 30);
    });

    it('runs calls that share a group one after the other, and other calls meanwhile', async () => {
      const ofOneGroup = Array.from({ length: 20 }, (_, index) => eventRecord(index + 1, 'a', index + 1));
      const ofOthers = Array.from({ length: 10 }, (_, index) => eventRecord(index + 21, `g${index}`, 1));
      const { bench, seen } = observe([...ofOneGroup, ...ofOthers]);

      await bench.relay.run([...ofOneGroup, ...ofOthers], MINUTE_MS);

      expect(seen.timeline).toEqual(['begin a-1', 'begin g0-1', 'end a-1', 'begin a-11', 'end g0-1', 'end a-11']);
    });
  });
});
