import { createProjectionConsumer } from '../../../../lib/runtime/projection-runtime.ts';
import { balances } from './projection.ts';

export const handler = createProjectionConsumer(balances, process.env);
