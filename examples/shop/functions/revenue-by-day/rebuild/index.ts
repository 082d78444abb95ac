import { createRebuilder } from '../../../../../lib/runtime/rebuild-runtime.ts';
import { revenueByDay } from '../projection.ts';

export const handler = createRebuilder(revenueByDay, process.env);
