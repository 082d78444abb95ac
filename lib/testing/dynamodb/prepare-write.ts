import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { NO_LIMITS, type RequestShape, shapeOf } from './dynalite.ts';
import { DynamoDbRefusal } from './errors.ts';
import { toWire } from './wire.ts';
import { checkPutSize, type Write } from './write.ts';

/** A write with the name of the table that it goes to. */
export interface TableWrite {
  readonly tableName: string;
  readonly write: Write;
}

const PUT = shapeOf('putItem');
const UPDATE = shapeOf('updateItem');
const DELETE = shapeOf('deleteItem');

/**
 * Checks a write by itself, and parses its expressions.
 * @throws DynamoDbRefusal `ValidationException`, in DynamoDB's words
 */
export function prepareWrite({ Put, Update, Delete, ConditionCheck }: TransactWriteItem): TableWrite {
  if (Put !== undefined) {
    const write = checked(PUT, { ...expressionsOf(Put), kind: 'put', Item: toWire(Put.Item ?? {}) });
    checkPutSize(write.Item);
    return { tableName: Put.TableName ?? '', write };
  }
  if (Update !== undefined) {
    if (Update.UpdateExpression === undefined) {
      throw new DynamoDbRefusal(
        'ValidationException',
        "Value null at 'transactItems.member.update.updateExpression' failed to satisfy constraint: Member must not be null",
      );
    }
    const write = { ...expressionsOf(Update), UpdateExpression: Update.UpdateExpression };
    return {
      tableName: Update.TableName ?? '',
      write: checked(UPDATE, { ...write, kind: 'update', Key: toWire(Update.Key ?? {}) }),
    };
  }
  const kind = Delete === undefined ? 'check' : 'delete';
  const { Key = {}, TableName = '', ...rest } = Delete ?? ConditionCheck ?? {};
  return { tableName: TableName, write: checked(DELETE, { ...expressionsOf(rest), kind, Key: toWire(Key) }) };
}

interface Expressive {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

const expressionsOf = ({ ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues }: Expressive) => ({
  ConditionExpression,
  ExpressionAttributeNames,
  ExpressionAttributeValues: ExpressionAttributeValues && toWire(ExpressionAttributeValues),
});

/** The rules write numbers as DynamoDB keeps them, and put the parsed expressions in. */
function checked<W extends Write>(shape: RequestShape, write: W): W {
  const problem = shape.custom?.(write, NO_LIMITS);
  if (problem != null) throw new DynamoDbRefusal('ValidationException', problem);
  return write;
}
