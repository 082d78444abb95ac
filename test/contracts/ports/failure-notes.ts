import { describe, expect, it } from 'vitest';
import type { FailureIndex, FailureNotes, IndexedFailure } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

export interface NotesSubject {
  /** Two sets of notes over one table: of the consumers `billing` and `shipping`. */
  readonly billing: FailureNotes;
  readonly shipping: FailureNotes;
  /** What operators list of billing's. */
  readonly billingIndex: FailureIndex;
  advance(ms: number): void;
}

/** When every subject begins. */
export const NOTES_BEGIN = 1_795_154_400_000;

const FAILED = {
  subject: 'event-1',
  tenantId: 'acme',
  code: 'CARD_REFUSED',
  message: 'the bank said no',
  stackHead: 'CardRefusedError: the bank said no\n    at charge (charge.ts:7:3)',
  attempts: 1,
  state: 'retrying',
  holdsGroup: false,
  event: { source: '/orders', type: 'com.example.order.placed', group: 'order#7', sequence: 3 },
} as const;

const KIND = { fingerprint: '6e3fa7b8dbc6', pattern: 'the bank said no' } as const;
const LOST_KIND = { ...KIND, fingerprint: '45b843be7933' } as const;

const INDEXED = {
  subject: 'event-1',
  tenantId: 'acme',
  code: 'CARD_REFUSED',
  attempts: 1,
  state: 'retrying',
  holdsGroup: false,
  event: FAILED.event,
  ...KIND,
  firstAt: NOTES_BEGIN,
  lastAt: NOTES_BEGIN,
} as const;

async function listed(index: FailureIndex, fingerprint?: string): Promise<readonly IndexedFailure[]> {
  const all: IndexedFailure[] = [];
  for await (const page of index.list(fingerprint)) all.push(...page);
  return all.toSorted((one, other) => one.subject.localeCompare(other.subject));
}

/** What all FailureNotes must do. */
export function describeFailureNotes(adapter: string, create: () => Promise<NotesSubject>): void {
  describe(`FailureNotes contract: ${adapter}`, () => {
    it('return what was noted', async () => {
      const { billing } = await create();

      await billing.record(FAILED);

      expect(await billing.find('event-1')).toStrictEqual({
        ...FAILED,
        ...KIND,
        firstAt: NOTES_BEGIN,
        lastAt: NOTES_BEGIN,
      });
    });

    it('are replaced by the next note, and keep the time of the first failure', async () => {
      const { billing, advance } = await create();
      const { tenantId: _, ...later } = FAILED;
      await billing.record(later);
      advance(60_000);

      await billing.record({ ...later, code: 'CARD_LOST', attempts: 3, state: 'dead', holdsGroup: true });

      expect(await billing.find('event-1')).toStrictEqual({
        ...later,
        ...LOST_KIND,
        code: 'CARD_LOST',
        attempts: 3,
        state: 'dead',
        holdsGroup: true,
        firstAt: NOTES_BEGIN,
        lastAt: NOTES_BEGIN + 60_000,
      });
    });

    it('keep since when a type has been unknown, until the event fails for another reason', async () => {
      const { billing } = await create();
      const unknownSince = (NOTES_BEGIN - 5_000) as EpochMs;

      await billing.record({ ...FAILED, code: 'EVENT_TYPE_UNKNOWN', unknownSince });
      expect(await billing.find('event-1')).toMatchObject({ code: 'EVENT_TYPE_UNKNOWN', unknownSince });
      await billing.record(FAILED);

      expect(await billing.find('event-1')).not.toHaveProperty('unknownSince');
    });

    it('keep the origin of an error until the event fails with an error that has none', async () => {
      const { billing } = await create();

      await billing.record({ ...FAILED, thrownAt: 'functions/billing/charge.ts:7' });
      expect(await billing.find('event-1')).toMatchObject({ thrownAt: 'functions/billing/charge.ts:7' });
      await billing.record({ ...FAILED, thrownAt: undefined });

      expect(await billing.find('event-1')).not.toHaveProperty('thrownAt');
    });

    it('say that an event was handled after all, until it fails again', async () => {
      const { billing, advance } = await create();
      await billing.record(FAILED);
      advance(5_000);

      await billing.resolve('event-1');
      expect(await billing.find('event-1')).toMatchObject({ code: 'CARD_REFUSED', resolvedAt: NOTES_BEGIN + 5_000 });
      advance(5_000);
      await billing.resolve('event-1');
      expect(await billing.find('event-1')).toHaveProperty('resolvedAt', NOTES_BEGIN + 5_000);
      await billing.record(FAILED);

      expect(await billing.find('event-1')).not.toHaveProperty('resolvedAt');
    });

    it('are not made by an event that is handled without a failure', async () => {
      const { billing } = await create();

      await billing.resolve('event-1');

      expect(await billing.find('event-1')).toBeUndefined();
    });

    it('list what is not resolved, without texts that may hold data', async () => {
      const { billing, shipping, billingIndex } = await create();
      await billing.record(FAILED);
      await billing.record({ ...FAILED, subject: 'event-2', deferred: true });
      await billing.record({ ...FAILED, subject: 'event-3' });
      await billing.resolve('event-3');
      const { event: _, ...noEvent } = FAILED;
      await billing.record({ ...noEvent, subject: 'message:4', code: 'EVENT_MALFORMED', state: 'dead' });
      await shipping.record({ ...FAILED, subject: 'event-5' });

      const { event: __, ...noEventListed } = INDEXED;
      expect(await listed(billingIndex)).toStrictEqual([
        INDEXED,
        { ...INDEXED, subject: 'event-2', deferred: true },
        {
          ...noEventListed,
          fingerprint: '5425c9e30a44',
          subject: 'message:4',
          code: 'EVENT_MALFORMED',
          state: 'dead',
        },
      ]);
      expect(await listed(billingIndex, KIND.fingerprint)).toStrictEqual([
        INDEXED,
        { ...INDEXED, subject: 'event-2', deferred: true },
      ]);
    });

    it('list a failure once, by the cause of its last attempt', async () => {
      const { billing, billingIndex } = await create();
      await billing.record(FAILED);

      await billing.record({ ...FAILED, code: 'CARD_LOST' });

      expect(await listed(billingIndex)).toStrictEqual([{ ...INDEXED, ...LOST_KIND, code: 'CARD_LOST' }]);
      expect(await listed(billingIndex, KIND.fingerprint)).toStrictEqual([]);
    });

    it('do not include other events or other consumers', async () => {
      const { billing, shipping } = await create();

      await billing.record(FAILED);

      expect(await billing.find('event-2')).toBeUndefined();
      expect(await shipping.find('event-1')).toBeUndefined();
    });
  });
}
