import { type RequestShape, shapeOf } from '../../lib/testing/dynamodb/dynalite.ts';

export const RETURN_OLD_ON_FAILURE = {
  ReturnValuesOnConditionCheckFailure: { type: 'String', enum: ['ALL_OLD', 'NONE'] },
};

const refusable = (shape: RequestShape): RequestShape => ({
  ...shape,
  types: { ...shape.types, ...RETURN_OLD_ON_FAILURE },
});

/** dynalite knows `ConsistentRead` of Query alone. */
const scan = shapeOf('scan');
const SCAN: RequestShape = { ...scan, types: { ...scan.types, ConsistentRead: 'Boolean' } };

/** What requests for items look like: dynalite's shapes, and what came to the API after them. */
export const ITEM_SHAPES = {
  PutItem: refusable(shapeOf('putItem')),
  UpdateItem: refusable(shapeOf('updateItem')),
  DeleteItem: refusable(shapeOf('deleteItem')),
  GetItem: shapeOf('getItem'),
  BatchGetItem: shapeOf('batchGetItem'),
  BatchWriteItem: shapeOf('batchWriteItem'),
  Query: shapeOf('query'),
  Scan: SCAN,
} as const satisfies Record<string, RequestShape>;
