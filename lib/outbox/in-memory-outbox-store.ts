import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { HEAD_SEQUENCE } from '../contracts/index.ts';
import type { Item } from './item-size.ts';
import type { CommitOutcome, OutboxCommit, OutboxStore, StoredEvent } from './ports.ts';
import { partsOf } from './write-subject.ts';

export interface InMemoryOutboxStoreOptions {
  /** Key attributes of the caller's tables, by table name. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
}

export interface InMemoryOutboxStore extends OutboxStore {
  /** Every committed event, in the order of commits. */
  readonly events: readonly StoredEvent[];
  /** The items of one of the caller's tables. */
  items(tableName: string): readonly Item[];
}

/**
 * A store for tests. Of DynamoDB's expressions it knows `attribute_exists(a)`, `attribute_not_exists(a)`, `a = :v`
 * and `SET a = :v, …`, and refuses others.
 */
export function createInMemoryOutboxStore({ tables = {} }: InMemoryOutboxStoreOptions = {}): InMemoryOutboxStore {
  const heads = new Map<string, number>();
  const log = new Map<string, StoredEvent>();
  const items = new Map<string, Map<string, Item>>();
  const tokens = new Map<string, string>();

  const tableOf = (tableName: string) => {
    const table = items.get(tableName) ?? new Map<string, Item>();
    items.set(tableName, table);
    return table;
  };
  const keyOf = (tableName: string, item: Item) => {
    const names = tables[tableName];
    if (names === undefined) throw new Error(`no table '${tableName}': pass its key attributes in 'tables'`);
    return JSON.stringify(names.map((name) => item[name]));
  };
  const place = (event: StoredEvent) => `${event.group} ${event.sequence}`;

  const check = ({ writes, heads: moves, events }: OutboxCommit): CommitOutcome => {
    for (const [index, write] of writes.entries()) {
      const { tableName, target } = partsOf(write);
      const item = tableOf(tableName).get(keyOf(tableName, target));
      if (!holds(write, item)) return { kind: 'condition-failed', index, item };
    }
    if (moves.some(({ group, from }) => (heads.get(group) ?? HEAD_SEQUENCE) !== from)) return { kind: 'head-moved' };
    const taken = events.find((event) => log.has(place(event)));
    return taken === undefined ? { kind: 'committed' } : { kind: 'sequence-taken', event: taken };
  };

  const apply = ({ writes, heads: moves, events }: OutboxCommit) => {
    for (const write of writes) {
      const { action, tableName, target } = partsOf(write);
      const key = keyOf(tableName, target);
      const table = tableOf(tableName);
      if (action === 'Put') table.set(key, target);
      if (action === 'Delete') table.delete(key);
      if (action === 'Update') table.set(key, { ...target, ...table.get(key), ...assignments(write) });
    }
    for (const { group, to } of moves) heads.set(group, to);
    for (const event of events) log.set(place(event), event);
  };

  return {
    get events() {
      return [...log.values()];
    },
    items: (tableName) => [...tableOf(tableName).values()],
    readHeads: async (groups) => new Map(groups.map((group) => [group, heads.get(group) ?? HEAD_SEQUENCE])),
    async commit(commit) {
      const { token, ...content } = commit;
      const seen = tokens.get(token);
      if (seen === JSON.stringify(content)) return { kind: 'committed' };
      if (seen !== undefined) throw new Error(`token '${token}' was used for another commit`);
      const outcome = check(commit);
      if (outcome.kind === 'committed') {
        apply(commit);
        tokens.set(token, JSON.stringify(content));
      }
      return outcome;
    },
  };
}

interface Expressive {
  readonly ConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

const expressionsOf = (write: TransactWriteItem): Expressive =>
  write.Put ?? write.Update ?? write.Delete ?? write.ConditionCheck ?? {};

function holds(write: TransactWriteItem, item: Item | undefined): boolean {
  const { ConditionExpression, ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = expressionsOf(write);
  if (ConditionExpression === undefined) return true;
  const [, not, attribute, left, right] =
    /^attribute_(not_)?exists\(([^)]+)\)$|^(\S+) = (:\S+)$/.exec(ConditionExpression) ?? [];
  const attributeValue = (name: string) => item?.[ExpressionAttributeNames[name] ?? name];
  if (attribute !== undefined) return (attributeValue(attribute) === undefined) === (not !== undefined);
  if (left === undefined || right === undefined) {
    throw new Error(`the in-memory store does not know the condition '${ConditionExpression}'`);
  }
  return JSON.stringify(attributeValue(left)) === JSON.stringify(ExpressionAttributeValues[right]);
}

function assignments(write: TransactWriteItem): Item {
  const { UpdateExpression = '', ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = expressionsOf(write);
  const assigned: Record<string, AttributeValue> = {};
  for (const clause of UpdateExpression.replace(/^SET /, '').split(', ')) {
    const [, name, value] = /^(\S+) = (:\S+)$/.exec(clause) ?? [];
    const operand = value === undefined ? undefined : ExpressionAttributeValues[value];
    if (name === undefined || operand === undefined) {
      throw new Error(`the in-memory store does not know the update '${UpdateExpression}'`);
    }
    assigned[ExpressionAttributeNames[name] ?? name] = operand;
  }
  return assigned;
}
