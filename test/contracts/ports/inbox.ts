import { beforeEach, describe, expect, it } from 'vitest';
import type { Inbox, InboxClaim } from '../../../lib/consumer/index.ts';
import type { Claim } from '../../../lib/definitions/index.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';

export interface InboxSubject {
  /** An inbox over the subject's records that claims an event at that time. */
  readonly inboxOf: (claim: Claim) => Inbox;
  /** Moves the inboxes' time ahead. */
  readonly advance: (ms: number) => void;
  /** What their clock says. */
  readonly now: () => number;
  /** Commits the claim in a transaction; rejects as the claim says when it is refused. */
  readonly commit: (claim: InboxClaim) => Promise<void>;
  /** The same, but the refusal does not name the item. */
  readonly commitUntold: (claim: InboxClaim) => Promise<void>;
}

const EVENT = { source: '/accounts', id: 'event-1' };
const BUSY = "event 'event-1' of '/accounts' is being handled by another execution: it will be tried again";

/** An effect that has begun and goes on when it is told to. */
function paused(then: (claim: InboxClaim) => Promise<void>) {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const effect = async (claim: InboxClaim) => {
    begun.resolve();
    await go.promise;
    await then(claim);
  };
  return { effect, begun: begun.promise, go: go.resolve };
}

const failing = (error: unknown) => () => Promise.reject(error);

/** What every Inbox must do. */
export function describeInbox(adapter: string, create: () => Promise<InboxSubject>): void {
  let subject: InboxSubject;
  let commit: InboxSubject['commit'];

  beforeEach(async () => {
    subject = await create();
    ({ commit } = subject);
  });

  describe.each(['commit', 'before'] as const)(`Inbox contract: ${adapter}, claim '%s'`, (claim) => {
    let inbox: Inbox;

    beforeEach(() => {
      inbox = subject.inboxOf(claim);
    });

    it('commits the effect of an event once', async () => {
      let effects = 0;
      const effect = async (claimed: InboxClaim) => {
        await commit(claimed);
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

      await expect(inbox.once(EVENT, failing(failure), lambdaContext())).rejects.toBe(failure);

      expect(await inbox.once(EVENT, commit, lambdaContext())).toBe('handled');
    });

    it('rejects with what the effect threw even if it is not an Error', async () => {
      await expect(inbox.once(EVENT, failing('text'), lambdaContext())).rejects.toBe('text');
    });

    it('keeps an event if its effect was committed before it failed or before its answer was lost', async () => {
      const lost = async (claimed: InboxClaim) => {
        await commit(claimed);
        throw new Error('the answer was lost');
      };

      const results = [
        await inbox.once(EVENT, lost, lambdaContext()),
        await inbox.once(EVENT, commit, lambdaContext()),
      ];

      expect(results).toStrictEqual(['duplicate', 'duplicate']);
    });

    it('lets an effect of an open event run again', async () => {
      let runs = 0;
      const effect = async (claimed: InboxClaim) => {
        runs += 1;
        await claimed.assertOpen(new Error('a race is lost'));
        runs += 1;
        await commit(claimed);
      };

      expect(await inbox.once(EVENT, effect, lambdaContext())).toBe('handled');
      expect(runs).toBe(2);
    });
  });

  describe(`Inbox contract: ${adapter}, a claim before the effect`, () => {
    let inbox: Inbox;

    beforeEach(() => {
      inbox = subject.inboxOf('before');
    });

    it('does not run the effect of a handled event', async () => {
      await inbox.once(EVENT, commit, lambdaContext());

      expect(await inbox.once(EVENT, failing(new Error('it ran')), lambdaContext())).toBe('duplicate');
    });

    it('admits one of two executions at a time, and tells the other how long to wait', async () => {
      const { effect, begun, go } = paused(commit);
      const first = inbox.once(EVENT, effect, lambdaContext(5_000));
      await begun;
      const at = subject.now();
      subject.advance(1_000);

      await expect(inbox.once(EVENT, failing(new Error('it ran')), lambdaContext())).rejects.toMatchObject({
        code: 'INBOX_BUSY',
        until: at + 5_000,
        message: BUSY,
      });

      go();
      expect(await first).toBe('handled');
      expect(await inbox.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });

    it('ends at the timeout of a crashed execution, and refuses its late commits', async () => {
      const { effect, begun, go } = paused(commit);
      const stale = inbox.once(EVENT, effect, lambdaContext(5_000));
      await begun;
      await expect(inbox.once(EVENT, commit, lambdaContext())).rejects.toMatchObject({ code: 'INBOX_BUSY' });

      subject.advance(5_001);
      const second = await inbox.once(EVENT, commit, lambdaContext());
      go();

      expect([second, await stale]).toStrictEqual(['handled', 'duplicate']);
      expect(await inbox.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });

    it('is not ended when an older execution fails, and makes that one wait', async () => {
      const older = paused(failing(new Error('too late')));
      const stale = inbox.once(EVENT, older.effect, lambdaContext(5_000));
      await older.begun;
      subject.advance(5_001);
      const newer = paused(commit);
      const successor = inbox.once(EVENT, newer.effect, lambdaContext());
      await newer.begun;

      older.go();
      await expect(stale).rejects.toMatchObject({ code: 'INBOX_BUSY', message: BUSY });

      await expect(inbox.once(EVENT, commit, lambdaContext())).rejects.toMatchObject({ code: 'INBOX_BUSY' });
      newer.go();
      expect(await successor).toBe('handled');
    });
  });

  describe(`Inbox contract: ${adapter}, a claim with the commit`, () => {
    let inbox: Inbox;

    beforeEach(() => {
      inbox = subject.inboxOf('commit');
    });

    it('lets executions run side by side, and commits the first that is done', async () => {
      const { effect, begun, go } = paused(commit);
      const first = inbox.once(EVENT, effect, lambdaContext());
      await begun;

      const second = await inbox.once(EVENT, commit, lambdaContext());
      go();

      expect([second, await first]).toStrictEqual(['handled', 'duplicate']);
    });

    it.each([
      ['an error of its own', failing(new Error('it is there already'))],
      ['a lost answer', failing(Object.assign(new Error('no answer'), { name: 'TimeoutError' }))],
      ['what is no error', failing(undefined)],
    ])('takes a handled event for a duplicate if its effect fails with %s', async (_, effect) => {
      await inbox.once(EVENT, commit, lambdaContext());

      expect(await inbox.once(EVENT, effect, lambdaContext())).toBe('duplicate');
    });

    it('reads the record if the refusal does not name it', async () => {
      await inbox.once(EVENT, commit, lambdaContext());

      expect(await inbox.once(EVENT, subject.commitUntold, lambdaContext())).toBe('duplicate');
    });

    it('does not let the effect of a handled event run again', async () => {
      await inbox.once(EVENT, commit, lambdaContext());
      let isBeyond = false;
      const effect = async ({ assertOpen }: InboxClaim) => {
        await assertOpen(new Error('a race is lost'));
        isBeyond = true;
      };

      expect(await inbox.once(EVENT, effect, lambdaContext())).toBe('duplicate');
      expect(isBeyond).toBe(false);
    });
  });

  describe(`Inbox contract: ${adapter}, executions that claim before the effect beside others that claim with the commit`, () => {
    let before: Inbox;
    let atCommit: Inbox;

    beforeEach(() => {
      before = subject.inboxOf('before');
      atCommit = subject.inboxOf('commit');
    });

    it.each([
      ['its commit', (claimed: InboxClaim) => commit(claimed)],
      ['its commit, whose refusal does not name the record', (claimed: InboxClaim) => subject.commitUntold(claimed)],
      ['its own failure', failing(new Error('card refused'))],
      ['a race before it runs again', ({ assertOpen }: InboxClaim) => assertOpen(new Error('a race is lost'))],
    ])('a live claim makes the other wait for its end, at %s', async (_, effect) => {
      const claimed = paused(commit);
      const first = before.once(EVENT, claimed.effect, lambdaContext(5_000));
      await claimed.begun;
      const at = subject.now();
      subject.advance(1_000);

      await expect(atCommit.once(EVENT, effect, lambdaContext())).rejects.toMatchObject({
        code: 'INBOX_BUSY',
        until: at + 5_000,
        message: BUSY,
      });

      claimed.go();
      expect(await first).toBe('handled');
      expect(await atCommit.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });

    it('a claim that has ended gives way to a commit, and its late commit is refused', async () => {
      const claimed = paused(commit);
      const stale = before.once(EVENT, claimed.effect, lambdaContext(5_000));
      await claimed.begun;
      subject.advance(5_001);

      expect(await atCommit.once(EVENT, commit, lambdaContext())).toBe('handled');

      claimed.go();
      expect(await stale).toBe('duplicate');
      expect(await before.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });

    it('a claim that was taken over ends in a duplicate when its effect fails', async () => {
      const claimed = paused(failing(new Error('too late')));
      const stale = before.once(EVENT, claimed.effect, lambdaContext(5_000));
      await claimed.begun;
      subject.advance(5_001);
      await atCommit.once(EVENT, commit, lambdaContext());

      claimed.go();

      expect(await stale).toBe('duplicate');
      expect(await before.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });

    it('an effect that fails after a claim has ended keeps its own error', async () => {
      const claimed = paused(commit);
      void before.once(EVENT, claimed.effect, lambdaContext(5_000)).catch(() => undefined);
      await claimed.begun;
      subject.advance(5_001);
      const failure = new Error('card refused');

      await expect(atCommit.once(EVENT, failing(failure), lambdaContext())).rejects.toBe(failure);

      claimed.go();
    });

    it('an event that was committed is not claimed again', async () => {
      await atCommit.once(EVENT, commit, lambdaContext());

      expect(await before.once(EVENT, failing(new Error('it ran')), lambdaContext())).toBe('duplicate');
    });

    it('a claim that comes while the other runs wins over its commit', async () => {
      const running = paused(commit);
      const first = atCommit.once(EVENT, running.effect, lambdaContext());
      await running.begun;
      const claimed = paused(commit);
      const second = before.once(EVENT, claimed.effect, lambdaContext());
      await claimed.begun;

      running.go();
      await expect(first).rejects.toMatchObject({ code: 'INBOX_BUSY' });
      claimed.go();

      expect(await second).toBe('handled');
      expect(await atCommit.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });

    it('a claim that was given up does not stand in the way of a commit', async () => {
      const running = paused(commit);
      const first = atCommit.once(EVENT, running.effect, lambdaContext());
      await running.begun;
      await expect(before.once(EVENT, failing(new Error('card refused')), lambdaContext())).rejects.toThrow();

      running.go();

      expect(await first).toBe('handled');
      expect(await before.once(EVENT, commit, lambdaContext())).toBe('duplicate');
    });
  });
}
