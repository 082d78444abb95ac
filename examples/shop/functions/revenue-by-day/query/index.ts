import { createReaderRuntime, createViewReaderOn } from 'waybill/runtime';
import { revenueByDay } from '../projection.ts';
import { createQueryRevenue } from './handler.ts';

const runtime = createReaderRuntime();
const revenue = createViewReaderOn(revenueByDay, runtime, process.env);

export const handler = createQueryRevenue({ revenue, tenancy: runtime.tenancy, logger: runtime.logger });
