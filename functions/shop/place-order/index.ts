import { Logger } from '@aws-lambda-powertools/logger';
import { requireEnv } from '../../../lib/shared/require-env.ts';
import { systemClock } from '../../../lib/shared/time.ts';
import { createProducerRuntime } from '../../composition/producer-runtime.ts';
import { ORDERS_TABLE_NAME } from '../orders/table.ts';
import { createPlaceOrder } from './handler.ts';

const { [ORDERS_TABLE_NAME]: tableName } = requireEnv(process.env, ORDERS_TABLE_NAME);
const { outbox } = createProducerRuntime(process.env);

export const handler = createPlaceOrder({ tableName, outbox, clock: systemClock, logger: new Logger() });
