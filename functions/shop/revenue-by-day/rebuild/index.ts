import { createRebuilder } from '../../../composition/rebuild-runtime.ts';
import { revenueByDay } from '../projection.ts';

export const handler = createRebuilder(revenueByDay, process.env);
