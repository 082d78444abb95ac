import type { Conditional } from '../../lib/testing/dynamodb/condition.ts';
import type { ParsedUpdate } from '../../lib/testing/dynamodb/expressions.ts';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import { type AttributeUpdates, fromAttributeUpdates } from './attribute-updates.ts';
import { type CapacityDetail, consumedCapacity, writeUnits } from './consumed-capacity.ts';
import type { Database } from './database.ts';
import { parseRequest, project } from './dynalite.ts';
import { ITEM_SHAPES } from './item-shapes.ts';
import type { Operations } from './operation.ts';
import type { ItemChange } from './table.ts';
import { checkPutSize, evaluate, locate, type Write } from './write.ts';

interface WriteRequest extends Conditional {
  readonly TableName: string;
  readonly ReturnValues?: 'NONE' | 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW';
  readonly ReturnConsumedCapacity?: CapacityDetail;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

type PutRequest = WriteRequest & { readonly Item: Item };
type DeleteRequest = WriteRequest & { readonly Key: Item };
type UpdateRequest = DeleteRequest & { readonly _updates?: ParsedUpdate; readonly AttributeUpdates?: AttributeUpdates };

interface BatchWriteRequest {
  readonly RequestItems: {
    readonly [table: string]: readonly {
      readonly PutRequest?: { readonly Item: Item };
      readonly DeleteRequest?: { readonly Key: Item };
    }[];
  };
  readonly ReturnConsumedCapacity?: CapacityDetail;
}

const MAX_BATCH_WRITES = 25;

/** PutItem, UpdateItem, DeleteItem, BatchWriteItem. */
export function createItemWrites(database: Database): Operations {
  const perform = (request: WriteRequest, write: Write, paths: ParsedUpdate['paths'] = []): object => {
    const table = database.table(request.TableName);
    const change = evaluate(table, locate(table, write), write);
    database.commit([change]);
    const [used] = consumedCapacity(request.ReturnConsumedCapacity, () => [writeUnits(change)]) ?? [];
    return {
      Attributes: returnedAttributes(request.ReturnValues, change, paths),
      ConsumedCapacity: used,
    };
  };

  return {
    PutItem(input) {
      const request = parseRequest<PutRequest>(ITEM_SHAPES.PutItem, input);
      checkPutSize(request.Item);
      return perform(request, { ...request, kind: 'put' });
    },
    DeleteItem(input) {
      const request = parseRequest<DeleteRequest>(ITEM_SHAPES.DeleteItem, input);
      return perform(request, { ...request, kind: 'delete' });
    },
    UpdateItem(input) {
      const request = parseRequest<UpdateRequest>(ITEM_SHAPES.UpdateItem, input);
      const updates = request._updates ?? fromAttributeUpdates(request.AttributeUpdates ?? {});
      return perform(request, { ...request, kind: 'update', _updates: updates }, updates.paths);
    },
    BatchWriteItem(input) {
      const request = parseRequest<BatchWriteRequest>(ITEM_SHAPES.BatchWriteItem, input);
      const changes = planBatch(database, request);
      database.commit(changes);
      return {
        UnprocessedItems: {},
        ConsumedCapacity: consumedCapacity(request.ReturnConsumedCapacity, () =>
          changes.map((change) => writeUnits(change)),
        ),
      };
    },
  };
}

function returnedAttributes(
  wanted: WriteRequest['ReturnValues'],
  { before, after }: ItemChange,
  paths: ParsedUpdate['paths'],
): Item | undefined {
  switch (wanted) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before === undefined ? undefined : nonEmpty(project(before, paths));
    case 'UPDATED_NEW':
      return after === undefined ? undefined : nonEmpty(project(after, paths));
    case 'NONE':
    case undefined:
      return undefined;
  }
}

const nonEmpty = (item: Item): Item | undefined => (Object.keys(item).length === 0 ? undefined : item);

function planBatch(database: Database, { RequestItems }: BatchWriteRequest): ItemChange[] {
  const requests = Object.entries(RequestItems).flatMap(([name, entries]) => entries.map((entry) => ({ name, entry })));
  if (requests.length > MAX_BATCH_WRITES) {
    throw new AwsError('ValidationException', 'Too many items requested for the BatchWriteItem call');
  }
  const seen = new Set<string>();
  return requests.map(({ name, entry }) => {
    const write = toWrite(entry);
    const table = database.table(name);
    const key = locate(table, write);
    const place = `${name}/${key}`;
    if (seen.has(place)) throw new AwsError('ValidationException', 'Provided list of item keys contains duplicates');
    seen.add(place);
    return evaluate(table, key, write);
  });
}

function toWrite({ PutRequest, DeleteRequest }: BatchWriteRequest['RequestItems'][string][number]): Write {
  if (PutRequest !== undefined && DeleteRequest === undefined) {
    checkPutSize(PutRequest.Item);
    return { kind: 'put', Item: PutRequest.Item };
  }
  if (DeleteRequest !== undefined && PutRequest === undefined) return { kind: 'delete', Key: DeleteRequest.Key };
  throw new AwsError('ValidationException', 'A write request must have exactly one of PutRequest and DeleteRequest');
}
