import { type RequestShape, shapeOf } from './request-rules.ts';

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
const SCAN: RequestShape = {
  ...scan,
  types: {
    ...scan.types,
    ConsistentRead: 'Boolean',
    Segment: { type: 'Integer', greaterThanOrEqual: 0, lessThanOrEqual: 999_999 },
    TotalSegments: { type: 'Integer', greaterThanOrEqual: 1, lessThanOrEqual: 1_000_000 },
  },
};

const query = shapeOf('query');

/** dynalite's last rule; an index may have more attributes in its key now. */
const TWO_CONDITIONS_AT_MOST = 'Conditions can be of length 1 or 2 only';
const MAX_KEY_CONDITIONS = 8;

const QUERY: RequestShape = {
  ...query,
  custom(request, store) {
    const problem = query.custom?.(request, store);
    if (problem !== TWO_CONDITIONS_AT_MOST) return problem;
    const { IndexName, KeyConditions = {} }: { readonly IndexName?: string; readonly KeyConditions?: object } = request;
    const count = Object.keys(KeyConditions).length;
    return IndexName !== undefined && count > 0 && count <= MAX_KEY_CONDITIONS ? undefined : problem;
  },
};

/** What requests for items look like: dynalite's shapes, and what came to the API after them. */
export const ITEM_SHAPES = {
  PutItem: refusable(shapeOf('putItem')),
  UpdateItem: refusable(shapeOf('updateItem')),
  DeleteItem: refusable(DELETE_ITEM),
  GetItem: shapeOf('getItem'),
  BatchGetItem: shapeOf('batchGetItem'),
  BatchWriteItem: shapeOf('batchWriteItem'),
  Query: QUERY,
  Scan: SCAN,
} as const satisfies Record<string, RequestShape>;
