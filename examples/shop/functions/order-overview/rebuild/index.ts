import { createRebuilder } from '../../../../../lib/runtime/rebuild-runtime.ts';
import { orderOverview } from '../projection.ts';

export const handler = createRebuilder(orderOverview, process.env);
