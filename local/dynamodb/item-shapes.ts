import { type RequestShape, shapeOf } from '../../lib/testing/dynamodb/dynalite.ts';

export const RETURN_OLD_ON_FAILURE = {
  ReturnValuesOnConditionCheckFailure: { type: 'String', enum: ['ALL_OLD', 'NONE'] },
};

const refusable = (shape: RequestShape): RequestShape => ({
  ...shape,
  types: { ...shape.types, ...RETURN_OLD_ON_FAILURE },
});

const deleteItem = shapeOf('deleteItem');

/** dynalite takes values of DeleteItem that only an item that is still there could have. */
const DELETE_ITEM: RequestShape = {
  ...deleteItem,
  custom(request, store) {
    const { ReturnValues = 'NONE' }: { readonly ReturnValues?: string } = request;
    if (ReturnValues !== 'NONE' && ReturnValues !== 'ALL_OLD') return 'Return values set to invalid value';
    return deleteItem.custom?.(request, store);
  },
};

/** dynalite knows `ConsistentRead` of Query alone. */
const scan = shapeOf('scan');
const SCAN: RequestShape = { ...scan, types: { ...scan.types, ConsistentRead: 'Boolean' } };

/** What requests for items look like: dynalite's shapes, and what came to the API after them. */
export const ITEM_SHAPES = {
  PutItem: refusable(shapeOf('putItem')),
  UpdateItem: refusable(shapeOf('updateItem')),
  DeleteItem: refusable(DELETE_ITEM),
  GetItem: shapeOf('getItem'),
  BatchGetItem: shapeOf('batchGetItem'),
  BatchWriteItem: shapeOf('batchWriteItem'),
  Query: shapeOf('query'),
  Scan: SCAN,
} as const satisfies Record<string, RequestShape>;
