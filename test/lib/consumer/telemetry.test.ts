import { describe, expect, it } from 'vitest';
import { type ConsumerOptions, createBatchContext } from '../../../lib/consumer/batch.ts';
import { LogHoleError } from '../../../lib/consumer/index.ts';
import type { PassedPlaces } from '../../../lib/consumer/log-reader.ts';
import type { GroupMessage, ReceivedMessage } from '../../../lib/consumer/message.ts';
import { type CloudEvent, defineSubscription } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createTestQueue } from '../../fixtures/test-queue.ts';

const NOW = 1_795_154_400_000;
const EVENT = {
  id: 'e4',
  tenantid: 'acme',
  partitionkey: 'account#7',
  sequence: '0000000000000004',
} as CloudEvent;

/** What a batch writes into the log and counts. */
function open({ givenMs = 10_000, leftMs = () => givenMs, signal = new AbortController().signal } = {}) {
  const lines: unknown[] = [];
  const counted: unknown[] = [];
  const asked: number[] = [];
  const line = (level: string) => (message: string, fields: object) => void lines.push([level, message, fields]);
  const options = {
    logger: { info: line('INFO'), warn: line('WARN'), error: line('ERROR') },
    metrics: { addMetric: (...metric: unknown[]) => void counted.push(metric) },
    clock: { now: () => NOW as EpochMs },
    queue: createTestQueue(),
    notes: { record: async () => undefined, find: async () => undefined },
    maxReceiveCount: 3,
    visibilityTimeoutSeconds: 60,
    queueRetentionSeconds: 345_600,
    random: () => 0.5,
    timeoutSignal: (ms: number) => {
      asked.push(ms);
      return signal;
    },
  } as unknown as ConsumerOptions;
  const subscription = defineSubscription({ name: 'banking', events: [Deposited] });
  let isOpened = false;
  const context = {
    ...lambdaContext(),
    getRemainingTimeInMillis: () => {
      if (isOpened) return leftMs();
      isOpened = true;
      return givenMs;
    },
  };
  const batch = createBatchContext({ subscription, handlers: {} }, options, context);
  return { batch, telemetry: batch.telemetry, lines, counted, asked };
}

describe('a consumer tells of a duplicate', () => {
  it('that the inbox knows', () => {
    const { telemetry, lines, counted } = open();

    telemetry.duplicateSkipped(EVENT);

    expect(lines).toStrictEqual([
      ['INFO', 'duplicate skipped: the event was handled before', { event_id: 'e4', tenant_id: 'acme' }],
    ]);
    expect(counted).toStrictEqual([['DuplicatesSkipped', 'Count', 1]]);
  });

  it.each([
    ['before the start', []],
    ['not in the log', [['DuplicatesUnverified', 'Count', 1]]],
    ['older than the inbox records', [['DuplicatesUnverified', 'Count', 1]]],
  ] as const)('that only the cursor vouches for, and why: %s', (why, more) => {
    const { telemetry, lines, counted } = open();

    telemetry.duplicateSkipped(EVENT, why);

    expect(lines).toStrictEqual([
      [
        'WARN',
        'skipped as a duplicate: the cursor has passed the event, and the inbox no longer has a record',
        { event_id: 'e4', tenant_id: 'acme', group: 'account#7', sequence: '0000000000000004', why },
      ],
    ]);
    expect(counted).toStrictEqual([['DuplicatesSkipped', 'Count', 1], ...more]);
  });
});

describe('a consumer tells of places that it has stepped over', () => {
  it.each<[PassedPlaces['why'], number, string, string, readonly unknown[]]>([
    [
      'tombstone',
      9,
      'WARN',
      'stepped over sequences that an operator has marked as empty',
      [['TombstonesSteppedOver', 'Count', 3]],
    ],
    [
      'forgotten',
      9,
      'WARN',
      'stepped over events that may have been handled: neither cursor nor inbox has a record',
      [['EventsForgotten', 'Count', 3]],
    ],
    ['expired', 4, 'INFO', 'stepped over events that have expired in the log', [['PlacesExpired', 'Count', 3]]],
    [
      'expired',
      6,
      'ERROR',
      'stepped over events that have expired in the log',
      [
        ['PlacesExpired', 'Count', 3],
        ['EventsExpiredUnhandled', 'Count', 2],
      ],
    ],
    [
      'expired',
      9,
      'ERROR',
      'stepped over events that have expired in the log',
      [
        ['PlacesExpired', 'Count', 3],
        ['EventsExpiredUnhandled', 'Count', 3],
      ],
    ],
  ])('%s, where its messages had come up to %i', (why, seen, level, message, metrics) => {
    const { telemetry, lines, counted } = open();

    telemetry.placesPassed('account#7', { kind: 'passed', why, from: 5, to: 7 }, seen);

    const places = { group: 'account#7', from_sequence: 5, to_sequence: 7 };
    expect(lines).toStrictEqual([[level, message, why === 'expired' ? { ...places, seen } : places]]);
    expect(counted).toStrictEqual(metrics);
  });
});

describe('a consumer tells of trouble', () => {
  it('with a log that does not show what must be there', () => {
    const { telemetry, lines, counted } = open();
    const hole = new LogHoleError('account#7', { from: 2, to: 3 });

    telemetry.logHoleFound({ event: EVENT } as GroupMessage, hole);

    expect(lines).toStrictEqual([
      [
        'ERROR',
        'the log does not show events that it must hold: the event waits for them',
        {
          event_id: 'e4',
          tenant_id: 'acme',
          group: 'account#7',
          sequence: '0000000000000004',
          from_sequence: 2,
          to_sequence: 3,
          error_code: 'LOG_HOLE',
        },
      ],
    ]);
    expect(counted).toStrictEqual([
      ['LogHoles', 'Count', 1],
      ['EventsDeferred', 'Count', 1],
    ]);
  });

  it('that keeps messages from being settled, with their groups, and whose they are where that is one tenant', () => {
    const message = (event: CloudEvent | undefined, messageGroup?: string) =>
      ({ event, messageGroup }) as ReceivedMessage;
    const { telemetry, lines } = open();
    const other = { ...EVENT, tenantid: 'globex' };

    telemetry.groupFailed(new Error('no'), [message(EVENT), message(EVENT)]);
    telemetry.groupFailed(new Error('no'), [message(EVENT), message(other), message(undefined, 'odd')]);

    const told = 'processing a group failed: its messages return to the queue';
    const error = expect.objectContaining({ message: 'no' });
    expect(lines).toStrictEqual([
      ['ERROR', told, { error, groups: ['account#7'], tenant_id: 'acme' }],
      ['ERROR', told, { error, groups: ['account#7', 'odd'], tenant_id: undefined }],
    ]);
  });
});

describe('a consumer reports what it does beside handling events', () => {
  it('in metrics, and in the log where it is unusual', () => {
    const { telemetry, lines, counted } = open();

    telemetry.unblocked('account#7', { sequence: 5, type: 'taken', source: '/orders', since: 9 } as never);
    telemetry.takenFromLog();
    telemetry.waitsForEarlier();
    telemetry.overtaken();
    telemetry.deferred();
    telemetry.handledLate(EVENT, 9);

    expect(counted).toStrictEqual(
      ['GroupsReleased', 'EventsDrained', 'MessagesBehind', 'RacesLost', 'EventsDeferred', 'EventsHandledLate'].map(
        (metric) => [metric, 'Count', 1],
      ),
    );
    expect(lines).toStrictEqual([
      [
        'WARN',
        'the group no longer waits for an event of a type that this code does not handle',
        { group: 'account#7', sequence: 5, event_type: 'taken', event_source: '/orders', since: 9 },
      ],
      [
        'WARN',
        'handled late: the cursor had passed the event without handling it',
        { event_id: 'e4', tenant_id: 'acme', group: 'account#7', sequence: '0000000000000004', processed: 9 },
      ],
    ]);
  });

  it.each([
    [90_000, 90_000],
    [-5_000, 0],
  ])('the age of an event whose message was renewed, and 0 where a clock is ahead: %i', (ageMs, expected) => {
    const { telemetry, counted } = open();

    telemetry.messageRenewed({ ...EVENT, time: new Date(NOW - ageMs).toISOString() });

    expect(counted).toStrictEqual([['RenewedEventAge', 'Milliseconds', expected]]);
  });
});

describe('the time of an invocation', () => {
  it('is over half a second before its end, and no earlier than at once', () => {
    expect(open({ givenMs: 10_000 }).asked).toStrictEqual([9_500]);
    expect(open({ givenMs: 300 }).asked).toStrictEqual([0]);
    expect(open().batch.isTimeUp()).toBe(false);
    expect(open({ signal: AbortSignal.abort() }).batch.isTimeUp()).toBe(true);
  });

  it('is short once less than three tenths of it are left, or it is over', () => {
    expect(open({ leftMs: () => 3_000 }).batch.isTimeShort()).toBe(false);
    expect(open({ leftMs: () => 2_999 }).batch.isTimeShort()).toBe(true);
    expect(open({ signal: AbortSignal.abort() }).batch.isTimeShort()).toBe(true);
  });
});
