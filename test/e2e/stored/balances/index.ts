import { createProjectionConsumer } from '../../../../functions/composition/projection-runtime.ts';
import { balances } from './projection.ts';

export const handler = createProjectionConsumer(balances, process.env);
