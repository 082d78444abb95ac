import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFailure, isLostRace, isOvertaken, longestWaitSeconds } from '../../../lib/consumer/error-policy.ts';
import { CursorMovedError, InboxClaimLostError, LogHoleError, PermanentError } from '../../../lib/consumer/index.ts';
import { hasCode, WaybillError } from '../../../lib/definitions/index.ts';
import {
  OutboxConditionError,
  OutboxContentionError,
  OutboxLimitError,
  SequenceGapError,
  SequenceTakenError,
} from '../../../lib/outbox/index.ts';
import { ProjectionContentionError } from '../../../lib/projection/errors.ts';
import { ExternalUnavailableError } from '../../../lib/resilience/index.ts';
import { sdkError } from '../../fixtures/sdk-error.ts';
import { ODDLY_THROWN } from '../../fixtures/thrown.ts';

/** What each error of the library says. All others say `retry`. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  permanent: [
    'EVENT_DATA_INVALID',
    'EVENT_ENVELOPE_INVALID',
    'EVENT_HOP_LIMIT',
    'EVENT_ID_MISMATCH',
    'EVENT_MALFORMED',
    'EVENT_PLACE_INVALID',
    'IDEMPOTENCY_KEY_REUSED',
    'ITEM_VALUE_INVALID',
    'LINK_CHANGED_TWICE',
    'LINK_INVALID',
    'OUTBOX_ITEM_TWICE',
    'OUTBOX_LIMIT_EXCEEDED',
    'OUTBOX_SEQUENCE_INVALID',
    'OUTBOX_SEQUENCE_MIXED',
    'PERMANENT',
    'PROJECTION_RESULT_INVALID',
    'PROJECTION_STEP_FAILED',
    'SAGA_DATA_INVALID',
    'SAGA_ID_INVALID',
    'SAGA_MIGRATION_INVALID',
    'SYNC_COMMAND_REFUSED',
    'SYNC_MATCH_TAKEN',
    'SYNC_SYSTEMIC',
    'SYNC_TOKENS_MISSING',
    'TENANT_INVALID',
    'TENANT_KEY_INVALID',
    'TENANT_MISMATCH',
    'TENANT_MISSING',
    'TENANT_QUERY_INVALID',
    'TENANT_REASON_MISSING',
  ],
  defer: [
    'BREAKER_OPEN',
    'BULKHEAD_FULL',
    'EVENT_TYPE_UNKNOWN',
    'EXTERNAL_CREDENTIALS_UNREADABLE',
    'EXTERNAL_RATE_REACHED',
    'EXTERNAL_THROTTLED',
    'LOG_HOLE',
    'OUTBOX_CONTENTION',
    'OUTBOX_THROTTLED',
    'OUTBOX_UNSETTLED',
    'PROJECTION_CATCHING_UP',
    'PROJECTION_OUTDATED',
    'PROJECTION_REBUILD_REQUIRED',
    'SAGA_TIMERS_UNAVAILABLE',
    'STORED_FORMAT_UNKNOWN',
    'SYNC_BUSY',
    'SYNC_CONFLICT',
    'SYNC_FENCED',
    'SYNC_SOURCE_WAIT',
    'SYNC_TOKEN_BUSY',
    'TABLE_UNREAD',
    'TENANT_INACTIVE',
    'TENANT_UNREAD',
  ],
  'lost-race': ['OUTBOX_CONDITION_FAILED', 'OUTBOX_SEQUENCE_TAKEN', 'SAGA_RACE_LOST', 'SYNC_RACE_LOST'],
};

/** Codes by what their classes declare in the source, so that a new error is decided about here too. */
function declaredIn(folder: string): Readonly<Record<string, readonly string[]>> {
  const classes = globSync(`${folder}/**/*.ts`).flatMap((file) => readFileSync(file, 'utf8').split(/^export /m));
  const said = classes.flatMap((text) => {
    const code = /^ {2}readonly code = '?(\w+)'?;/m.exec(text)?.[1];
    const disposition = /^ {2}override readonly disposition = '([\w-]+)';/m.exec(text)?.[1];
    return code === undefined || disposition === undefined ? [] : [{ code, disposition }];
  });
  const words = Object.groupBy(said, ({ disposition }) => disposition);
  return Object.fromEntries(
    Object.entries(words).map(([word, of = []]) => [word, of.map(({ code }) => code).toSorted()]),
  );
}

class ReadError extends WaybillError {
  readonly code = 'READ_FAILED';
}

const errorWith = (fields: object) => Object.assign(new Error('no'), fields);
const conditionError = (mistake?: string) =>
  new OutboxConditionError({ kind: 'put', tableName: 'orders', index: 0 } as never, 'a = :a', undefined, mistake);

const permanent = { permanent: true, deferrable: false, retryAfterSeconds: 0 };
const deferred = (retryAfterSeconds: number) => ({ permanent: false, deferrable: true, retryAfterSeconds });
const retried = (retryAfterSeconds = 0) => ({ permanent: false, deferrable: false, retryAfterSeconds });

describe('the error policy', () => {
  it('classifies every library error', () => {
    expect(declaredIn('lib')).toStrictEqual(SAID);
  });

  it('matches the list in docs/guarantees.md', () => {
    // behind a semicolon: those that say it under a condition
    const rows = readFileSync('docs/guarantees.md', 'utf8').matchAll(/^ *\| `([\w-]+)` \| [^|]+ \| ([^|;]+).*\|$/gm);
    const told = [...rows].map(([, word = '', codes = '']) => [
      word,
      [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code).toSorted(),
    ]);

    expect(Object.fromEntries(told)).toMatchObject(SAID);
  });

  it.each<[string, unknown, object]>([
    ['what its code calls permanent', new PermanentError('no account'), permanent],
    [
      'a throttled call that its code calls permanent',
      new PermanentError('no', { cause: sdkError('ThrottlingException') }),
      permanent,
    ],
    ['a unit of work that is too large', new OutboxLimitError('actions', 'too many'), permanent],
    [
      'an error of another library that says so',
      errorWith({ disposition: 'permanent', retryAfterSeconds: 5 }),
      permanent,
    ],
    ['what the subscription names by code', errorWith({ code: 'CARD_REFUSED' }), permanent],
    ['what the subscription names by name', errorWith({ name: 'CardError', disposition: 'defer' }), permanent],
    ['a code that the subscription does not name', errorWith({ code: 'CARD_LOST' }), retried()],
    ['a group that many write to', new OutboxContentionError([], 12, 'moved', 0), deferred(1)],
    ['a hole in the log', new LogHoleError('order#1', { from: 2, to: 2 }), deferred(5)],
    [
      'a system that says when to come back',
      new ExternalUnavailableError('bank', '503', { retryAfterSeconds: 60 }),
      deferred(60),
    ],
    ['a system that does not', new ExternalUnavailableError('bank', '503'), retried()],
    ['a wait that is less than a second', errorWith({ disposition: 'defer', retryAfterSeconds: 0.2 }), deferred(1)],
    ['a wait whose end is not known', errorWith({ disposition: 'defer' }), deferred(0)],
    // SQS hides nothing for longer than twelve hours from its receive
    ['a wait of a day', errorWith({ disposition: 'defer', retryAfterSeconds: 86_400 }), deferred(42_300)],
    ['a wait that is no number', errorWith({ disposition: 'defer', retryAfterSeconds: '30' }), deferred(0)],
    ['a wait that is not a number', errorWith({ retryAfterSeconds: Number.NaN }), retried()],
    ['a wait below zero', errorWith({ retryAfterSeconds: -1 }), retried()],
    ['a wait without a word on whose fault it is', errorWith({ retryAfterSeconds: 30 }), retried(30)],
    ['a word that is none', errorWith({ disposition: 'later' }), retried()],
    ['a race that was lost at each run', conditionError(), retried()],
    [
      'a place that another took at each run',
      new SequenceTakenError({ type: 't', group: 'g', sequence: 2 }),
      retried(),
    ],
    [
      'a place before which another is missing',
      new SequenceGapError({ type: 't', group: 'g', sequence: 3 }, 1),
      retried(),
    ],
    ['a lost race that wraps a throttled call', new ProjectionContentionError('p', 'g', conditionError()), retried()],
    ['a throttled call to AWS', sdkError('ThrottlingException'), deferred(0)],
    ['a throttled call that says how long', sdkError('ThrottlingException', { retryAfterSeconds: 3 }), deferred(3)],
    ['a throttled call that is to count', sdkError('ThrottlingException', { disposition: 'retry' }), retried()],
    [
      'a throttled call in an error of Waybill',
      new ReadError('no', { cause: sdkError('ThrottlingException') }),
      deferred(0),
    ],
    ['a missing right', sdkError('AccessDeniedException'), retried()],
    ['an error of the code', new TypeError('x is not a function'), retried()],
  ])('decides about %s', (_, thrown, expected) => {
    expect(describeFailure(thrown, { permanentErrors: ['CARD_REFUSED', 'CardError'] })).toMatchObject(expected);
  });

  it('keeps code, message and stack of an error', () => {
    expect(describeFailure(errorWith({ code: 'AWAY' }), { permanentErrors: [] })).toStrictEqual({
      ...{ code: 'AWAY', message: 'no', stackHead: expect.stringContaining('Error: no') },
      thrownAt: expect.stringMatching(/^test\/lib\/consumer\/error-policy\.test\.ts:\d+$/),
      ...retried(),
    });
  });

  it('reruns a handler only after a lost race, not after a mistaken condition', () => {
    expect([conditionError(), new SequenceTakenError({ type: 't', group: 'g', sequence: 2 })].every(isLostRace)).toBe(
      true,
    );
    const others = [
      conditionError('text and number'),
      new PermanentError('no'),
      errorWith({ disposition: 'lost-race' }),
    ];
    expect(others.some(isLostRace)).toBe(false);
  });

  it('leaves the event to the execution that was first', () => {
    const [moved, claimed] = [new CursorMovedError('billing', 'g'), new InboxClaimLostError({ source: '/a', id: '1' })];

    expect([moved, claimed].every(isOvertaken)).toBe(true);
    expect([moved, claimed].some(isLostRace)).toBe(false);
    expect(isOvertaken(conditionError())).toBe(false);
  });

  it('accepts any thrown value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(ODDLY_THROWN)), (thrown) => {
        const value = thrown();

        expect(describeFailure(value, { permanentErrors: [] })).toMatchObject(retried());
        expect([isLostRace(value), isOvertaken(value), hasCode(value, 'PERMANENT')]).toStrictEqual([
          false,
          false,
          false,
        ]);
      }),
    );
  });
});

describe('an error from another bundle', () => {
  it('is recognized by brand and code', () => {
    const other = Object.assign(new Error('no'), { code: 'CURSOR_MOVED', [Symbol.for('waybill.error')]: true });

    expect(hasCode(other, 'CURSOR_MOVED')).toBe(true);
    expect(hasCode(other, 'PERMANENT')).toBe(false);
    expect(hasCode(errorWith({ code: 'CURSOR_MOVED' }), 'CURSOR_MOVED')).toBe(false);
  });
});

describe('the longest wait after a receive', () => {
  it.each([
    ['is what the queue may hide a message for, while all receives fit into its retention', 345_600, 5, 42_300],
    ['leaves room for all receives and the time between them', 86_400, 5, 14_400],
    ['gets short where there are many receives', 86_400, 1_000, 86],
  ])('%s', (_, retentionSeconds, maxReceiveCount, expected) => {
    expect(longestWaitSeconds(retentionSeconds, maxReceiveCount)).toBe(expected);
  });
});
