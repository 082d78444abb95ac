import { createProjectionConsumer } from '../../../../lib/runtime/projection-runtime.ts';
import { revenueByDay } from './projection.ts';

export const handler = createProjectionConsumer(revenueByDay, process.env);
