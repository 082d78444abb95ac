import { describe, expect, it } from 'vitest';
import type { ConsumerPauseStore } from '../../../lib/operations/ports.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

const PAUSE = { since: 1_000 as EpochMs, by: 'ann', reason: 'looking at it' };
const RECORD = { ...PAUSE, consumer: 'billing', group: undefined, resumedAt: 5_000 as EpochMs, resumedBy: 'bob' };

/** What every ConsumerPauseStore must do. */
export function describeConsumerPauseStore(adapter: string, create: () => Promise<ConsumerPauseStore>): void {
  describe(`ConsumerPauseStore contract: ${adapter}`, () => {
    it('keeps the first pause until it ends', async () => {
      const store = await create();

      expect(await store.find()).toBeUndefined();
      expect(await store.begin(PAUSE)).toStrictEqual(PAUSE);
      expect(await store.begin({ ...PAUSE, since: 2_000 as EpochMs, by: 'bob' })).toStrictEqual(PAUSE);
      expect(await store.find()).toStrictEqual(PAUSE);

      await store.end(RECORD);
      expect(await store.find()).toBeUndefined();
    });

    it('ends only the pause that the record is of', async () => {
      const store = await create();
      await store.begin({ ...PAUSE, since: 2_000 as EpochMs });

      await store.end(RECORD);

      expect(await store.find()).toMatchObject({ since: 2_000 });
    });

    it('can be paused again, and an end that is repeated does nothing', async () => {
      const store = await create();
      await store.begin(PAUSE);
      await store.end(RECORD);
      await store.begin({ ...PAUSE, since: 9_000 as EpochMs });

      await store.end(RECORD);

      expect(await store.find()).toMatchObject({ since: 9_000 });
    });
  });
}
