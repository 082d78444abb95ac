import { consumer } from '../../../../lib/runtime/consumer.ts';
import { tenants } from '../tenants.ts';
import { BOOKS_TABLE, books } from './subscription.ts';

/** Books each order in the name of who placed it. */
export const handler = consumer(
  books,
  ({ table }) => {
    const booked = table(BOOKS_TABLE, process.env['BOOKS_TABLE_NAME'] ?? '', (item) => item);
    return {
      'com.example.order.placed': ({ data }, { tx, principal }) =>
        booked.within(tx).put({ Item: { orderId: data.orderId, orderedBy: principal?.id } }),
    };
  },
  { tenants },
);
