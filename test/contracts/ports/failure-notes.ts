import { describe, expect, it } from 'vitest';
import type { FailureNotes } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

export interface NotesSubject {
  /** Two sets of notes over one table: of the consumers `billing` and `shipping`. */
  readonly billing: FailureNotes;
  readonly shipping: FailureNotes;
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
} as const;

/** What all FailureNotes must do. */
export function describeFailureNotes(adapter: string, create: () => Promise<NotesSubject>): void {
  describe(`FailureNotes contract: ${adapter}`, () => {
    it('return what was noted', async () => {
      const { billing } = await create();

      await billing.record(FAILED);

      expect(await billing.find('event-1')).toStrictEqual({ ...FAILED, firstAt: NOTES_BEGIN, lastAt: NOTES_BEGIN });
    });

    it('are replaced by the next note, and keep the time of the first failure', async () => {
      const { billing, advance } = await create();
      const { tenantId: _, ...later } = FAILED;
      await billing.record(later);
      advance(60_000);

      await billing.record({ ...later, code: 'CARD_LOST', attempts: 3, state: 'dead', holdsGroup: true });

      expect(await billing.find('event-1')).toStrictEqual({
        ...later,
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

    it('do not include other events or other consumers', async () => {
      const { billing, shipping } = await create();

      await billing.record(FAILED);

      expect(await billing.find('event-2')).toBeUndefined();
      expect(await shipping.find('event-1')).toBeUndefined();
    });
  });
}
