import { defineSubscription, type TableSchema } from '../../../../lib/definitions/index.ts';
import { OrderPlaced } from '../../../lib/http/orders-app.ts';

export const books = defineSubscription({ name: 'books', events: [OrderPlaced] });

export const BOOKS_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;
