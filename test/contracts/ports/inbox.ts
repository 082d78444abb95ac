import { beforeEach, describe, expect, it } from 'vitest';
import type { Inbox, InboxClaim } from '../../../lib/consumer/index.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';

export interface InboxSubject {
  readonly inbox: Inbox;
  /** Moves the inbox's time ahead. */
  readonly advance: (ms: number) => void;
  /** What its clock says. */
  readonly now: () => number;
  /** Commits the claim in a transaction; rejects as the claim says when it is refused. */
  readonly commit: (claim: InboxClaim) => Promise<void>;
}

const EVENT = { source: '/accounts', id: 'event-1' };

/** What every Inbox must do. */
export function describeInbox(adapter: string, create: () => Promise<InboxSubject>): void {
  describe(`Inbox contract: ${adapter}`, () => {
    let inbox: Inbox;
    let advance: InboxSubject['advance'];
    let now: InboxSubject['now'];
    let commit: InboxSubject['commit'];

    beforeEach(async () => {
      ({ inbox, advance, now, commit } = await create());
    });

    it('runs the effect of an event once', async () => {
      let effects = 0;
      const effect = async (claim: InboxClaim) => {
        effects += 1;
        await commit(claim);
      };

      const results = [
        await inbox.once(EVENT, effect, lambdaContext()),
        await inbox.once(EVENT, effect, lambdaContext()),
        await inbox.once(EVENT, effect, lambdaContext()),
      ];

      expect(results).toStrictEqual(['handled', 'duplicate', 'duplicate']);
      expect(effects).toBe(1);
    });

    it('distinguishes events by source, by id and by generation', async () => {
      const results = [
        await inbox.once(EVENT, commit, lambdaContext()),
        await inbox.once({ ...EVENT, generation: 0 }, commit, lambdaContext()),
        await inbox.once({ ...EVENT, id: 'event-2' }, commit, lambdaContext()),
        await inbox.once({ ...EVENT, source: '/other' }, commit, lambdaContext()),
        await inbox.once({ ...EVENT, generation: 1 }, commit, lambdaContext()),
        await inbox.once({ ...EVENT, generation: 1 }, commit, lambdaContext()),
      ];

      expect(results).toStrictEqual(['handled', 'duplicate', 'handled', 'handled', 'handled', 'duplicate']);
    });

    it("forgets an event whose effect failed, and rejects with the effect's own error", async () => {
      const failure = new Error('card refused');

      await expect(inbox.once(EVENT, () => Promise.reject(failure), lambdaContext())).rejects.toBe(failure);

      expect(await inbox.once(EVENT, commit, lambdaContext())).toBe('handled');
    });

    it('keeps an event if its effect was committed before it failed or before its answer was lost', async () => {
      const failure = new Error('the answer was lost');

      await expect(
        inbox.once(
          EVENT,
          async (claim) => {
            await commit(claim);
            throw failure;
          },
          lambdaContext(),
        ),
      ).rejects.toBe(failure);

      expect(await inbox.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });

    it('rejects with what the effect threw even if it is not an Error', async () => {
      await expect(inbox.once(EVENT, () => Promise.reject('text'), lambdaContext())).rejects.toBe('text');
    });

    it('admits one of two executions at a time, and tells the other how long to wait', async () => {
      const started = Promise.withResolvers<void>();
      const finish = Promise.withResolvers<void>();
      const first = inbox.once(
        EVENT,
        async (claim) => {
          started.resolve();
          await finish.promise;
          await commit(claim);
        },
        lambdaContext(5_000),
      );
      await started.promise;
      const begun = now();
      advance(1_000);

      await expect(inbox.once(EVENT, commit, lambdaContext())).rejects.toMatchObject({
        code: 'INBOX_BUSY',
        until: begun + 5_000,
        message: "event 'event-1' of '/accounts' is being handled by another execution: it will be tried again",
      });

      finish.resolve();
      expect(await first).toBe('handled');
      expect(await inbox.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });

    it('releases an event at the timeout of a crashed execution, and refuses its late commits', async () => {
      const started = Promise.withResolvers<void>();
      const late = Promise.withResolvers<void>();
      const stale = inbox.once(
        EVENT,
        async (claim) => {
          started.resolve();
          await late.promise;
          await commit(claim);
        },
        lambdaContext(5_000),
      );
      await started.promise;
      await expect(inbox.once(EVENT, commit, lambdaContext())).rejects.toMatchObject({ code: 'INBOX_BUSY' });

      advance(5_001);
      const second = await inbox.once(EVENT, commit, lambdaContext());
      late.resolve();

      expect(second).toBe('handled');
      await expect(stale).rejects.toMatchObject({
        code: 'INBOX_CLAIM_LOST',
        message:
          "event 'event-1' of '/accounts' was claimed by another execution after the claim expired; nothing was written",
      });
      expect(await inbox.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });

    it('does not delete the claim of a newer execution when an older one fails', async () => {
      const started = Promise.withResolvers<void>();
      const fail = Promise.withResolvers<void>();
      const stale = inbox.once(
        EVENT,
        async () => {
          started.resolve();
          await fail.promise;
          throw new Error('too late');
        },
        lambdaContext(5_000),
      );
      await started.promise;
      advance(5_001);
      const successorStarted = Promise.withResolvers<void>();
      const finish = Promise.withResolvers<void>();
      const successor = inbox.once(
        EVENT,
        async (claim) => {
          successorStarted.resolve();
          await finish.promise;
          await commit(claim);
        },
        lambdaContext(),
      );
      await successorStarted.promise;

      fail.resolve();
      await expect(stale).rejects.toThrow('too late');

      await expect(inbox.once(EVENT, commit, lambdaContext())).rejects.toMatchObject({ code: 'INBOX_BUSY' });
      finish.resolve();
      expect(await successor).toBe('handled');
    });
  });
}
