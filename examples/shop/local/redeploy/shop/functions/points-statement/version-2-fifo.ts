import { statementOfVersion2 } from './subscription.ts';
import { serveVersion2 } from './version-2.ts';

export const handler = serveVersion2(statementOfVersion2('fifo'));
