import { createConsumer } from '../../../lib/consumer/index.ts';
import { requireEnv } from '../../../lib/shared/require-env.ts';
import { createConsumerRuntime } from '../../composition/consumer-runtime.ts';
import { createItemReader } from '../item-reader.ts';
import { createInventoryHandlers } from './handler.ts';
import { reservationSchema } from './reservation.ts';
import { inventory } from './subscription.ts';
import { INVENTORY_TABLE_NAME } from './table.ts';

const { [INVENTORY_TABLE_NAME]: tableName } = requireEnv(process.env, INVENTORY_TABLE_NAME);
const runtime = createConsumerRuntime(inventory, process.env);
const findReservation = createItemReader(runtime.client, tableName, (item) => reservationSchema.parse(item));

export const handler = createConsumer(createInventoryHandlers({ tableName, findReservation }), runtime);
