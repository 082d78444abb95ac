import { createRebuilder } from '../../../../../functions/composition/rebuild-runtime.ts';
import { balances } from '../projection.ts';

export const handler = createRebuilder(balances, process.env);
