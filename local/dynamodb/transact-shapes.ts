import { ITEM_SHAPES, RETURN_OLD_ON_FAILURE } from './item-shapes.ts';
import type { RequestShape } from './request-rules.ts';

/** What the requests of transactions look like; each action is a write request of its own with fewer members. */

type ActionName = 'ConditionCheck' | 'Put' | 'Delete' | 'Update';

const CONDITION = ['ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'];

const required = (type: string) => ({ type, notNull: true });

const ACTIONS: Readonly<Record<ActionName, RequestShape>> = {
  ConditionCheck: action(ITEM_SHAPES.DeleteItem, ['TableName', 'Key', ...CONDITION], {
    ConditionExpression: required('String'),
    ...RETURN_OLD_ON_FAILURE,
  }),
  Put: action(ITEM_SHAPES.PutItem, ['TableName', 'Item', ...CONDITION], RETURN_OLD_ON_FAILURE),
  Delete: action(ITEM_SHAPES.DeleteItem, ['TableName', 'Key', ...CONDITION], RETURN_OLD_ON_FAILURE),
  Update: action(ITEM_SHAPES.UpdateItem, ['TableName', 'Key', ...CONDITION], {
    UpdateExpression: required('String'),
    ...RETURN_OLD_ON_FAILURE,
  }),
};

const GET = action(ITEM_SHAPES.GetItem, ['TableName', 'Key', 'ProjectionExpression', 'ExpressionAttributeNames'], {});

export const TRANSACT_WRITE_SHAPE: RequestShape = {
  types: {
    TransactItems: listOf('TransactWriteItem', ACTIONS),
    ClientRequestToken: { type: 'String', lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 36 },
    ReturnConsumedCapacity: { type: 'String', enum: ['INDEXES', 'TOTAL', 'NONE'] },
    ReturnItemCollectionMetrics: { type: 'String', enum: ['SIZE', 'NONE'] },
  },
  custom: everyAction(ACTIONS, 'TransactItems can only contain one of Check, Put, Update or Delete'),
};

export const TRANSACT_GET_SHAPE: RequestShape = {
  types: {
    TransactItems: listOf('TransactGetItem', { Get: GET }),
    ReturnConsumedCapacity: { type: 'String', enum: ['INDEXES', 'TOTAL', 'NONE'] },
  },
  custom: everyAction({ Get: GET }, 'TransactItems must contain a Get'),
};

function action(shape: RequestShape, members: readonly string[], more: RequestShape['types']): RequestShape {
  const types = Object.fromEntries(members.map((member) => [member, shape.types[member]]));
  return { ...shape, types: { ...types, ...more } };
}

function listOf(name: string, actions: Readonly<Record<string, RequestShape>>): object {
  const children = Object.fromEntries(
    Object.entries(actions).map(([action, { types }]) => [action, { type: `FieldStruct<${action}>`, children: types }]),
  );
  return { ...required('List'), children: { type: `ValueStruct<${name}>`, children } };
}

interface TransactRequest {
  readonly TransactItems: readonly { readonly [action: string]: object }[];
}

/** Applies the rules of each action to it; that also parses its expressions. */
function everyAction(actions: Readonly<Record<string, RequestShape>>, wrongCount: string): RequestShape['custom'] {
  return (request, store) => {
    for (const entry of (request as TransactRequest).TransactItems) {
      const [[name = '', action] = [], ...others] = Object.entries(entry);
      if (action === undefined || others.length > 0) return wrongCount;
      const broken = actions[name]?.custom?.(action, store);
      if (broken != null) return broken;
    }
    return undefined;
  };
}
