import type { Conditional } from '../../lib/testing/dynamodb/condition.ts';
import type { ParsedUpdate } from '../../lib/testing/dynamodb/expressions.ts';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import { type CapacityDetail, consumedCapacity, readUnits, writeUnits } from './consumed-capacity.ts';
import type { Database } from './database.ts';
import { parseRequest } from './dynalite.ts';
import type { Operation } from './operation.ts';
import { createRequestTokens } from './request-tokens.ts';
import type { ItemChange, Table } from './table.ts';
import { checkActionCount, checkDistinct, checkTotalSize, TRANSACTION_COST_FACTOR } from './transact-limits.ts';
import { TRANSACT_WRITE_SHAPE } from './transact-shapes.ts';
import { infoOf } from './visibility.ts';
import { checkPutSize, evaluate, locate, type Write } from './write.ts';

interface TransactWriteRequest {
  readonly TransactItems: readonly TransactWriteItem[];
  readonly ClientRequestToken?: string;
  readonly ReturnConsumedCapacity?: CapacityDetail;
}

interface Action extends Conditional {
  readonly TableName: string;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

interface Absent {
  readonly Put?: undefined;
  readonly Update?: undefined;
  readonly Delete?: undefined;
  readonly ConditionCheck?: undefined;
}

/** Exactly one member is there, as the shape has checked. */
type TransactWriteItem =
  | (Omit<Absent, 'Put'> & { readonly Put: Action & { readonly Item: Item } })
  | (Omit<Absent, 'Update'> & { readonly Update: Action & { readonly Key: Item; readonly _updates: ParsedUpdate } })
  | (Omit<Absent, 'Delete'> & { readonly Delete: Action & { readonly Key: Item } })
  | (Omit<Absent, 'ConditionCheck'> & { readonly ConditionCheck: Action & { readonly Key: Item } });

interface Target {
  readonly table: Table;
  readonly write: Write;
}

interface CancellationReason {
  readonly Code: 'None' | 'ConditionalCheckFailed' | 'ValidationError';
  readonly Message?: string;
  readonly Item?: unknown;
}

/** TransactWriteItems: checks all conditions first, then applies all changes, in one go. */
export function createTransactWrite(database: Database): Operation {
  const tokens = createRequestTokens(database.clock);

  return (input, caller) => {
    checkActionCount(input['TransactItems']);
    const request = parseRequest<TransactWriteRequest>(TRANSACT_WRITE_SHAPE, input);
    const { ClientRequestToken: token, ReturnConsumedCapacity: detail } = request;
    const targets = request.TransactItems.map((item) => toTarget(database, item));
    const identity = { TransactItems: input['TransactItems'] };
    if (token !== undefined && tokens.isRepeat(token, identity)) {
      const reads = () =>
        targets.map(({ table, write }) =>
          readUnits(table, table.items.get(locate(table, write)), TRANSACTION_COST_FACTOR),
        );
      return { ConsumedCapacity: consumedCapacity(detail, reads, 'ReadCapacityUnits') };
    }
    const changes = evaluateAll(targets, (tableNames) =>
      database.faults.onCancelled?.({ tableNames, failed: tableNames.length, caller }),
    );
    const view = database.faults.onTransaction?.({ items: changes.map(toInfo), caller });
    const showAll = database.commit(changes, view);
    if (token !== undefined) tokens.remember(token, identity);
    const writes = () => changes.map((change) => writeUnits(change, TRANSACTION_COST_FACTOR));
    const answer = { ConsumedCapacity: consumedCapacity(detail, writes, 'WriteCapacityUnits') };
    if (view === undefined) return answer;
    return new Promise((resolve) => {
      database.clock.schedule(view.forMs, () => {
        showAll();
        resolve(answer);
      });
    });
  };
}

const toInfo = ({ table, before, after }: ItemChange) => infoOf(table, after ?? before ?? {});

function toTarget(database: Database, { Put, Update, Delete, ConditionCheck }: TransactWriteItem): Target {
  if (Put !== undefined) {
    checkPutSize(Put.Item);
    return { table: database.table(Put.TableName), write: { ...Put, kind: 'put' } };
  }
  if (Update !== undefined) return { table: database.table(Update.TableName), write: { ...Update, kind: 'update' } };
  if (Delete !== undefined) return { table: database.table(Delete.TableName), write: { ...Delete, kind: 'delete' } };
  return { table: database.table(ConditionCheck.TableName), write: { ...ConditionCheck, kind: 'check' } };
}

/**
 * @param told asked with the table of each failed condition, if there are several: which of them are named
 * @throws AwsError `TransactionCanceledException` with a reason for each action, in their order.
 */
function evaluateAll(
  targets: readonly Target[],
  told: (tableNames: readonly string[]) => readonly number[] | undefined,
): ItemChange[] {
  const located = targets.map((target) => attempt(() => ({ ...target, key: locate(target.table, target.write) })));
  checkDistinct(located.flatMap((outcome) => (outcome.ok ? [outcome.value] : [])));
  const invalid = located.findIndex(({ ok }) => !ok);
  if (invalid !== -1) throw cancelled(located.map((outcome, index) => (index === invalid ? outcome : NONE)));
  const evaluated = located.map((outcome) =>
    outcome.ok ? attempt(() => evaluate(outcome.value.table, outcome.value.key, outcome.value.write)) : outcome,
  );
  const changes = evaluated.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  checkTotalSize(changes.map(({ before, after }) => after ?? before));
  if (changes.length === targets.length) return changes;
  const stop = evaluated.findIndex((outcome) => !outcome.ok && outcome.reason.Code === 'ValidationError');
  if (stop !== -1) throw cancelled(evaluated.map((outcome, index) => (index > stop ? NONE : outcome)));
  const failed = evaluated.flatMap((outcome, index) => (outcome.ok ? [] : [index]));
  const named =
    failed.length > 1 ? told(failed.map((index) => targets[index]?.table.description.TableName ?? '')) : undefined;
  throw cancelled(
    evaluated.map((outcome, index) => (named === undefined || named.includes(failed.indexOf(index)) ? outcome : NONE)),
  );
}

/** The service looks no further once an action is invalid. */
const NONE = { ok: true } as const;

function cancelled(outcomes: readonly (Attempt<unknown> | typeof NONE)[]): AwsError {
  const reasons = outcomes.map((outcome): CancellationReason => (outcome.ok ? { Code: 'None' } : outcome.reason));
  const codes = reasons.map((reason) => reason.Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new AwsError('TransactionCanceledException', message, { fields: { CancellationReasons: reasons } });
}

type Attempt<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: CancellationReason };

function attempt<Value>(run: () => Value): Attempt<Value> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const Code = error.code === 'ConditionalCheckFailedException' ? 'ConditionalCheckFailed' : 'ValidationError';
    return { ok: false, reason: { Code, Message: error.message, ...error.fields } };
  }
}
