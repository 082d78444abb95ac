import type { DynamoDbFaults } from '../dynamodb/faults.ts';
import type { Caller } from '../endpoint/service.ts';
import type { Dice } from './dice.ts';
import { passes } from './fault-filter.ts';
import type { FaultKind, FaultPlan } from './fault-plan.ts';
import type { FaultRecord } from './fault-record.ts';
import type { Invocations } from './invocations.ts';
import { type RuleOf, rulesOfKind } from './rules-of-kind.ts';

export interface DynamoDbFaultsDeps {
  readonly plan: FaultPlan;
  readonly dice: Dice;
  readonly record: FaultRecord;
  readonly invocations: Pick<Invocations, 'find'>;
}

/** What a rule is asked about. */
interface Occasion {
  readonly operation?: string;
  readonly caller?: Caller;
  readonly resources: readonly string[];
  /** What opportunities are counted by. */
  readonly counted: string;
}

/** Shards of a stream that take records at a time: more would only make its mapping describe it for longer. */
const MOST_OPEN_SHARDS = 4;

/** How likely a shard that ends has two children, while there is room for them. */
const SPLITS = 0.7;

/** How likely one item of a transaction is not seen yet. */
const UNSEEN = 0.5;

/** What DynamoDB does of its own: reads that lag, transactions in part, late deletions, shards that end. */
export function createDynamoDbFaults({
  plan,
  dice,
  record,
  invocations,
}: DynamoDbFaultsDeps): Required<DynamoDbFaults> {
  const oldestStateMs = Math.max(0, ...rulesOfKind(plan, 'stale-read').map(({ rule }) => rule.longestMs));

  /** What needs this try to succeed is not made harder. */
  const isSpared = (caller: Caller | undefined) => caller !== undefined && invocations.find(caller)?.isSpared === true;

  const hit = <Kind extends FaultKind>(kind: Kind, { operation, caller, resources, counted }: Occasion) => {
    for (const { rule, index } of rulesOfKind(plan, kind)) {
      if (!record.mayHit(rule) || isSpared(caller)) continue;
      const opportunity = {
        ...(operation === undefined ? {} : { operation }),
        ...(caller === undefined ? {} : { caller: caller.kind }),
        functionName: caller?.kind === 'role' ? caller.sessionName : undefined,
        resources: () => resources,
      };
      if (!passes(opportunity, rule.only)) continue;
      const subject = `rule ${index} ${counted}`;
      const number = numberOf(subject);
      if (dice.next(subject, rule.oneIn)) return { rule, subject: `${subject} ${number}` };
    }
    return undefined;
  };

  const counts = new Map<string, number>();
  const numberOf = (subject: string): number => {
    const number = (counts.get(subject) ?? 0) + 1;
    counts.set(subject, number);
    return number;
  };

  const add = (rule: RuleOf<FaultKind>, what: string) => record.add(rule, what);

  return {
    oldestStateMs: () => oldestStateMs,
    onRead({ operation, tableName, indexName, caller }) {
      const where = indexName === undefined ? tableName : `${tableName}/${indexName}`;
      const counted = `stale ${operation} ${where}`;
      const found = hit('stale-read', { operation: `dynamodb:${operation}`, caller, resources: [tableName], counted });
      if (found === undefined) return undefined;
      return {
        ageMs: dice.pick(found.subject, found.rule.longestMs),
        onSeen: () => add(found.rule, `dynamodb:${operation}: an earlier state in ${where}`),
      };
    },
    onTransaction({ items, caller }) {
      if (items.length < 2) return undefined;
      const tables = [...new Set(items.map(({ tableName }) => tableName))];
      const found = hit('partial-transaction-view', {
        operation: 'dynamodb:TransactWriteItems',
        caller,
        resources: tables,
        counted: `transaction ${tables.toSorted().join(' ')}`,
      });
      if (found === undefined) return undefined;
      const bound = dice.choose(`${found.subject} bound`, items.length);
      const seen = dice.choose(`${found.subject} seen`, items.length - 1);
      const unseen = items.flatMap((_item, index) => {
        if (index === bound) return [index];
        const isSeen = (index > bound ? index - 1 : index) === seen;
        return !isSeen && dice.draw(`${found.subject} item ${index}`) < UNSEEN ? [index] : [];
      });
      return {
        unseen,
        forMs: dice.pick(`${found.subject} delay`, found.rule.longestMs),
        onSeen: (operation) => add(found.rule, `dynamodb:${operation}: a transaction in part`),
      };
    },
    onCancelled({ tableNames, failed, caller }) {
      const tables = [...new Set(tableNames)];
      const found = hit('partial-reasons', {
        operation: 'dynamodb:TransactWriteItems',
        caller,
        resources: tables,
        counted: `cancelled ${tables.toSorted().join(' ')}`,
      });
      if (found === undefined) return undefined;
      add(found.rule, `dynamodb:TransactWriteItems: a failed condition is not named`);
      return [dice.choose(`${found.subject} named`, failed)];
    },
    onExpiry({ tableName }) {
      const found = hit('late-expiry', { resources: [tableName], counted: `expiry ${tableName}` });
      if (found === undefined) return undefined;
      add(found.rule, `an item of ${tableName} stays`);
      return dice.pick(found.subject, found.rule.longestMs);
    },
    onStreamRecord({ streamArn, openShards }) {
      const tableName = streamArn.split('/')[1] ?? streamArn;
      const found = hit('shard-split', { resources: [tableName], counted: `shard ${tableName}` });
      if (found === undefined) return undefined;
      const splits = openShards < MOST_OPEN_SHARDS && dice.draw(`${found.subject} splits`) < SPLITS;
      add(found.rule, `a shard of ${tableName} ${splits ? 'splits' : 'is replaced'}`);
      return splits ? 'split' : 'replace';
    },
  };
}
