import { createProjectionConsumer } from '../../../../lib/runtime/projection-runtime.ts';
import { orderOverview } from './projection.ts';

export const handler = createProjectionConsumer(orderOverview, process.env);
