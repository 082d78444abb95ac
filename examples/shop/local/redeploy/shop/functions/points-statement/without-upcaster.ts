import { statementWithoutUpcaster } from './subscription.ts';
import { serveVersion2 } from './version-2.ts';

/** The mistake that the scenario must find: events of version 1 are under way. */
export const handler = serveVersion2(statementWithoutUpcaster);
