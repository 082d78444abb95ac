import type { Context } from 'aws-lambda';
import type { EventIdentity, FailureNotes, Inbox, InboxClaim, InboxMemory } from '../../../lib/inbox/index.ts';
import type { Execution } from '../execution.ts';

interface Begun {
  /** Undefined where the inbox gave no claim. */
  readonly claim: InboxClaim | undefined;
  readonly outcome: Promise<'handled' | 'duplicate'>;
  end(): void;
  fail(error: unknown): void;
}

/**
 * The inbox as an execution reaches it: the claim is one I/O step and forgetting it another; completing it is part of
 * the effect's commit.
 */
export const reachInbox = (inbox: Inbox, execution: Execution): Inbox => ({
  async once(event, effect, context) {
    const { claim, outcome, end, fail } = await execution.call('claim', () => begin(inbox, event, context));
    if (claim === undefined) return outcome;
    try {
      await effect(claim);
    } catch (error) {
      // as with Powertools, trouble with forgetting leaves the record in progress and the effect's error stands
      await execution.call('forget claim', () => fail(error)).catch(() => undefined);
      throw error;
    }
    end();
    return outcome;
  },
});

/** Claims at once, and leaves the effect to whoever ends it. */
function begin(inbox: Inbox, event: EventIdentity, context: Context): Begun {
  let claim: InboxClaim | undefined;
  const effect = Promise.withResolvers<void>();
  const outcome = inbox.once(
    event,
    (given) => {
      claim = given;
      return effect.promise;
    },
    context,
  );
  outcome.catch(() => undefined);
  return { claim, outcome, end: effect.resolve, fail: effect.reject };
}

export const reachMemory = (memory: InboxMemory, execution: Execution): InboxMemory => ({
  knows: (event, generation) => execution.call('look up record', () => memory.knows(event, generation)),
  answersSince: memory.answersSince,
});

export const reachNotes = (notes: FailureNotes, execution: Execution): FailureNotes => ({
  record: (note) => execution.call('note', () => notes.record(note)),
  find: (subject) => execution.call('find note', () => notes.find(subject)),
});
