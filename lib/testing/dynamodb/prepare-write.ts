import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { DynamoDbRefusal } from './errors.ts';
import type { Item } from './item.ts';
import { checkRequest, type Expressions } from './request-rules.ts';
import { toWire } from './wire.ts';
import { checkPutSize, type Write } from './write.ts';

/** A write and the name of its table. */
export interface TableWrite {
  readonly tableName: string;
  readonly write: Write;
}

/**
 * Validates a write without its table's items, and parses its expressions.
 * @throws DynamoDbRefusal `ValidationException` with DynamoDB's message
 */
export function prepareWrite({ Put, Update, Delete, ConditionCheck }: TransactWriteItem): TableWrite {
  if (Put !== undefined) {
    const { attributes: Item, parsed } = checked('Item', toWire(Put.Item ?? {}), expressionsOf(Put));
    checkPutSize(Item);
    return { tableName: Put.TableName ?? '', write: { kind: 'put', Item, ...parsed } };
  }
  if (Update !== undefined) {
    const { UpdateExpression } = Update;
    if (UpdateExpression === undefined) {
      throw new DynamoDbRefusal(
        'ValidationException',
        "Value null at 'transactItems.member.update.updateExpression' failed to satisfy constraint: Member must not be null",
      );
    }
    const expressions = { ...expressionsOf(Update), UpdateExpression };
    const { attributes: Key, parsed } = checked('Key', toWire(Update.Key ?? {}), expressions);
    return { tableName: Update.TableName ?? '', write: { kind: 'update', Key, ...parsed } };
  }
  const kind = Delete === undefined ? 'check' : 'delete';
  const { Key: given = {}, TableName = '', ...rest } = Delete ?? ConditionCheck ?? {};
  const { attributes: Key, parsed } = checked('Key', toWire(given), expressionsOf(rest));
  return { tableName: TableName, write: { kind, Key, ...parsed } };
}

interface Expressive {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

const expressionsOf = ({
  ConditionExpression,
  ExpressionAttributeNames,
  ExpressionAttributeValues,
}: Expressive): Expressions => ({
  ConditionExpression,
  ExpressionAttributeNames,
  ExpressionAttributeValues: ExpressionAttributeValues && toWire(ExpressionAttributeValues),
});

function checked(member: 'Item' | 'Key', attributes: Item, expressions: Expressions) {
  const request = checkRequest(member, attributes, expressions);
  if ('problem' in request) throw new DynamoDbRefusal('ValidationException', request.problem);
  return request;
}
