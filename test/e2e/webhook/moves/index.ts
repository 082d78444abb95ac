import { consumer } from '../../../../lib/runtime/consumer.ts';
import { moves } from './subscription.ts';

const TableName = process.env['MOVES_TABLE_NAME'] ?? '';

/** Counts the effects of each parcel's moves. */
export const handler = consumer(moves, {
  'com.example.parcel.moved': ({ data, tenantid }, { tx }) =>
    tx.update({
      TableName,
      Key: { id: `${tenantid}#${data.parcel}` },
      UpdateExpression: 'ADD effects :one SET lastStatus = :status',
      ExpressionAttributeValues: { ':one': 1, ':status': data.status },
    }),
});
