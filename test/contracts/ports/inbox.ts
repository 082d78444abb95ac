import { beforeEach, describe, expect, it } from 'vitest';
import type { Inbox } from '../../../lib/inbox/index.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';

export interface InboxSubject {
  readonly inbox: Inbox;
  /** Moves the inbox's time ahead. */
  readonly advance: (ms: number) => void;
}

const EVENT = { source: '/accounts', id: 'event-1' };

/** What every Inbox must do. */
export function describeInbox(adapter: string, create: () => Promise<InboxSubject>): void {
  describe(`Inbox contract: ${adapter}`, () => {
    let inbox: Inbox;
    let advance: InboxSubject['advance'];

    beforeEach(async () => {
      ({ inbox, advance } = await create());
    });

    it('runs the effect of an event once', async () => {
      let effects = 0;
      const effect = async () => {
        effects += 1;
      };

      const results = [
        await inbox.once(EVENT, effect, lambdaContext()),
        await inbox.once(EVENT, effect, lambdaContext()),
        await inbox.once(EVENT, effect, lambdaContext()),
      ];

      expect(results).toStrictEqual(['handled', 'duplicate', 'duplicate']);
      expect(effects).toBe(1);
    });

    it('tells events apart by source and by id', async () => {
      const effect = async () => undefined;

      const results = [
        await inbox.once(EVENT, effect, lambdaContext()),
        await inbox.once({ ...EVENT, id: 'event-2' }, effect, lambdaContext()),
        await inbox.once({ ...EVENT, source: '/other' }, effect, lambdaContext()),
      ];

      expect(results).toStrictEqual(['handled', 'handled', 'handled']);
    });

    it("forgets an event whose effect failed, and rejects with the effect's own error", async () => {
      const failure = new Error('card refused');

      await expect(inbox.once(EVENT, () => Promise.reject(failure), lambdaContext())).rejects.toBe(failure);

      expect(await inbox.once(EVENT, async () => undefined, lambdaContext())).toBe('handled');
    });

    it('rejects with what the effect threw even when that is no Error', async () => {
      await expect(inbox.once(EVENT, () => Promise.reject('text'), lambdaContext())).rejects.toBe('text');
    });

    it('lets one of two executions in at a time', async () => {
      const started = Promise.withResolvers<void>();
      const finish = Promise.withResolvers<void>();
      const first = inbox.once(
        EVENT,
        async () => {
          started.resolve();
          await finish.promise;
        },
        lambdaContext(),
      );
      await started.promise;

      await expect(inbox.once(EVENT, async () => undefined, lambdaContext())).rejects.toMatchObject({
        code: 'INBOX_BUSY',
        retryable: true,
      });

      finish.resolve();
      expect(await first).toBe('handled');
    });

    it('opens an event again whose execution died, once its time was up', async () => {
      const started = Promise.withResolvers<void>();
      void inbox.once(
        EVENT,
        () => {
          started.resolve();
          return new Promise(() => undefined);
        },
        lambdaContext(5_000),
      );
      await started.promise;
      await expect(inbox.once(EVENT, async () => undefined, lambdaContext())).rejects.toMatchObject({
        code: 'INBOX_BUSY',
      });

      advance(5_001);

      expect(await inbox.once(EVENT, async () => undefined, lambdaContext())).toBe('handled');
    });
  });
}
