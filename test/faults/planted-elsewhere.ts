import { type TransactWriteItem, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import type { Inbox, InboxClaim } from '../../lib/consumer/index.ts';
import type { EventPublisher } from '../../lib/outbox/relay/ports.ts';
import type { Planted } from './planted.ts';

type Effect = Parameters<Inbox['once']>[1];

const inInbox = (
  change: (effect: Effect, claim: InboxClaim, apply: (write: TransactWriteItem) => Promise<unknown>) => Promise<void>,
): Planted => ({
  consumer: (options, { dynamodb }) => ({
    ...options,
    inbox: {
      once: (event, effect, context) =>
        options.inbox.once(
          event,
          (claim) =>
            change(effect, claim, (write) => dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [write] }))),
          context,
        ),
    },
  }),
});

const keyOf = ({ completion: { write } }: InboxClaim) => ({
  TableName: (write.Update ?? write.Put)?.TableName ?? '',
  Key: write.Update?.Key ?? { id: write.Put?.Item?.['id'] ?? { S: '' } },
});

/** No handler fails, and nobody does anything. */
const UNDISTURBED = { tempers: [], operations: [] } as const satisfies Planted;

const inPublisher = (change: (publisher: EventPublisher) => EventPublisher): Planted => ({
  kinds: ['partial'],
  ...UNDISTURBED,
  relay: (deps) => ({ ...deps, publisher: change(deps.publisher) }),
});

/** Known faults in inbox, consumer and relay. */
export const PLANTED_ELSEWHERE: Readonly<Record<string, Planted>> = {
  'the inbox record is completed outside the transaction': {
    kinds: ['crash before', 'crash after'],
    ...UNDISTURBED,
    ...inInbox(async (effect, claim, apply) => {
      const harmless = { ConditionCheck: { ...keyOf(claim), ConditionExpression: 'attribute_not_exists(nothing)' } };
      await effect({ ...claim, completion: { ...claim.completion, write: harmless } });
      await apply(claim.completion.write);
    }),
  },

  'the inbox record is deleted after any error, even after the commit': {
    kinds: ['answer lost', 'in progress'],
    ...UNDISTURBED,
    ...inInbox(async (effect, claim, apply) => {
      try {
        await effect(claim);
      } catch (error) {
        await apply({ Delete: keyOf(claim) });
        throw error;
      }
    }),
  },

  'a race that its handler has lost counts as a failure': {
    kinds: [],
    tempers: ['loses races'],
    consumer: (options) => ({
      ...options,
      outbox: {
        transact: (...args) =>
          options.outbox.transact(...args).catch((error: { readonly code?: string }) => {
            throw error.code === 'OUTBOX_CONDITION_FAILED' ? new Error('the race is lost') : error;
          }),
      },
    }),
  },

  'the relay takes entries that failed for published': inPublisher((publisher) => ({
    async publish(...args) {
      const answer = await publisher.publish(...args);
      if (answer.status !== 'answered') return answer;
      const isSuccess = answer.results.some(({ status }) => status === 'accepted');
      const accepted = { status: 'accepted', eventId: 'taken' } as const;
      return isSuccess ? { ...answer, results: answer.results.map(() => accepted) } : answer;
    },
  })),

  'a marker is deleted before the bus has accepted its event': {
    relay: (deps) => ({
      ...deps,
      publisher: {
        async publish(entries, signal) {
          const keys = entries.map(({ detail }) => {
            const { partitionkey: group, sequence } = JSON.parse(detail) as { partitionkey: string; sequence: string };
            return { group, sequence: Number(sequence) };
          });
          await deps.markers.deleteBatch(keys, signal);
          return deps.publisher.publish(entries, signal);
        },
      },
    }),
  },
};
