import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Inbox, InboxClaim } from '../../lib/consumer/index.ts';
import type { Planted } from './planted.ts';

/** Only what brings an event to an execution once more. */
const REPEATS = ['delete lost', 'bus duplicates', 'visibility ends', 'received again', 'answer lost'] as const;

const UNDISTURBED = { tempers: [], operations: [] } as const satisfies Planted;

const inInbox = (change: (inbox: Inbox) => Inbox): Planted => ({
  kinds: REPEATS,
  ...UNDISTURBED,
  consumer: (options) => ({ ...options, inbox: change(options.inbox) }),
});

/** Commits another write in place of the completed record. */
const committing = (write: (write: TransactWriteItem) => TransactWriteItem): Planted =>
  inInbox((inbox) => ({
    once: (event, effect, context) =>
      inbox.once(
        event,
        (claim) => effect({ ...claim, completion: { ...claim.completion, write: write(claim.completion.write) } }),
        context,
      ),
  }));

const withoutCondition = ({ Put, ...write }: TransactWriteItem): TransactWriteItem => {
  if (Put === undefined) return write;
  const { TableName, Item } = Put;
  return { Put: { TableName, Item } };
};

const EXPIRED = { N: '1' };

/** Known faults in the claim that is made with the commit. */
export const PLANTED_IN_CLAIMS: Readonly<Record<string, Planted>> = {
  'the completed record is put whatever stands there': { claims: ['commit'], ...committing(withoutCondition) },

  'the completed record is put as one that has expired': {
    claims: ['commit'],
    ...committing(({ Put, ...write }) =>
      Put === undefined ? write : { Put: { ...Put, Item: { ...Put.Item, expiration: EXPIRED } } },
    ),
  },

  'what a handled event fails with counts as a failure': {
    claims: ['commit'],
    ...inInbox((inbox) => ({
      async once(event, effect, context) {
        let failure: { readonly error: unknown } | undefined;
        let refusal: unknown;
        const observed = async ({ completion, assertOpen }: InboxClaim) => {
          const refused: typeof completion.refused = (item) => {
            const error = completion.refused(item);
            refusal = error;
            return error;
          };
          try {
            await effect({ completion: { ...completion, refused }, assertOpen });
          } catch (error) {
            failure = { error };
            throw error;
          }
        };
        const result = await inbox.once(event, observed, context);
        if (failure !== undefined && failure.error !== refusal) throw failure.error;
        return result;
      },
    })),
  },

  'a claim that another execution has taken over is completed all the same': {
    claims: ['before', 'commit'],
    ...committing(({ Update, ...write }) => {
      if (Update === undefined) return write;
      const { ConditionExpression: _, ...unconditional } = Update;
      return { Update: { ...unconditional, ConditionExpression: 'attribute_exists(id)' } };
    }),
    kinds: [...REPEATS, 'stalled, lingers'],
  },
};
