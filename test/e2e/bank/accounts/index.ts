import { type AttributeValue, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createConsumer, handlersFor } from '../../../../lib/consumer/index.ts';
import { createConsumerRuntime } from '../../../../lib/runtime/consumer-runtime.ts';
import { requireEnv } from '../../../../lib/shared/require-env.ts';
import { BalanceChanged } from '../events.ts';
import { accounts } from './subscription.ts';

const { BANK_TABLE_NAME: tableName } = requireEnv(process.env, 'BANK_TABLE_NAME');
const runtime = createConsumerRuntime(accounts, process.env);

const keyOf = (id: string): Record<string, AttributeValue> => ({ id: { S: id } });

/** Outside the unit of work, so that it survives the attempt. */
async function countAttempt(eventId: string): Promise<number> {
  const { Attributes } = await runtime.client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: keyOf(`attempts#${eventId}`),
      UpdateExpression: 'ADD attempts :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return Number(Attributes?.['attempts']?.N);
}

async function isMended(): Promise<boolean> {
  const { Item } = await runtime.client.send(new GetItemCommand({ TableName: tableName, Key: keyOf('mended') }));
  return Item !== undefined;
}

/** Ids of events whose execution is to end right after their commit. */
const dying = new Set<string>();

/** The runtime's outbox, in a process that may end between a commit and whatever comes after it. */
const mortalOutbox: typeof runtime.outbox = {
  async transact(work, context, guards) {
    const result = await runtime.outbox.transact(work, context, guards);
    if (dying.has(context?.cause?.id ?? '')) process.exit(8);
    return result;
  },
};

export const handler = createConsumer(
  handlersFor(accounts, {
    'com.example.account.deposited': async ({ id, data, partitionkey, sequence }, { tx }) => {
      const attempt = await countAttempt(id);
      tx.update({
        TableName: tableName,
        Key: { id: `effects#${id}` },
        UpdateExpression: 'ADD effects :one SET #group = :group, #sequence = :sequence',
        ExpressionAttributeNames: { '#group': 'group', '#sequence': 'sequence' },
        ExpressionAttributeValues: { ':one': 1, ':group': partitionkey, ':sequence': sequence },
      });
      tx.update({
        TableName: tableName,
        Key: { id: `journal#${partitionkey}` },
        UpdateExpression: 'SET #entries = list_append(if_not_exists(#entries, :none), :entry)',
        ExpressionAttributeNames: { '#entries': 'entries' },
        ExpressionAttributeValues: { ':none': [], ':entry': [id] },
      });
      tx.publish(BalanceChanged, { accountId: data.accountId, depositId: id });
      if (data.behaviour === 'die-once' && attempt === 1) process.exit(7);
      if (data.behaviour === 'die-after-commit-once' && attempt === 1) dying.add(id);
      if (data.behaviour === 'fail-until-mended' && !(await isMended())) throw new Error('the account is locked');
    },
  }),
  { ...runtime, outbox: mortalOutbox },
);
