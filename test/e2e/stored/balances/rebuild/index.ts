import { createRebuilder } from '../../../../../lib/runtime/rebuild-runtime.ts';
import { balances } from '../projection.ts';

export const handler = createRebuilder(balances, process.env);
