import { createReaderRuntime, createViewReaderOn } from 'waybill/runtime';
import { orderOverview } from '../projection.ts';
import { createQueryOrders } from './handler.ts';

const runtime = createReaderRuntime();
const overview = createViewReaderOn(orderOverview, runtime, process.env);

export const handler = createQueryOrders({ overview, tenancy: runtime.tenancy, logger: runtime.logger });
