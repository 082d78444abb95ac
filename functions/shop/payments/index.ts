import { createConsumer } from '../../../lib/consumer/index.ts';
import { requireEnv } from '../../../lib/shared/require-env.ts';
import { createConsumerRuntime } from '../../composition/consumer-runtime.ts';
import { createItemReader } from '../item-reader.ts';
import { createPaymentsHandlers } from './handler.ts';
import { paymentSchema } from './payment.ts';
import { payments } from './subscription.ts';
import { PAYMENTS_TABLE_NAME } from './table.ts';

const { [PAYMENTS_TABLE_NAME]: tableName } = requireEnv(process.env, PAYMENTS_TABLE_NAME);
const runtime = createConsumerRuntime(payments, process.env);
const findPayment = createItemReader(runtime.client, tableName, (item) => paymentSchema.parse(item));

export const handler = createConsumer(createPaymentsHandlers({ tableName, findPayment }), runtime);
