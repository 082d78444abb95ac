import { createReaderRuntime } from '../../../../../lib/runtime/reader-runtime.ts';
import { createViewReaderOn } from '../../../../../lib/runtime/view-reader.ts';
import { revenueByDay } from '../projection.ts';
import { createQueryRevenue } from './handler.ts';

const runtime = createReaderRuntime(process.env);
const revenue = createViewReaderOn(revenueByDay, runtime, process.env);

export const handler = createQueryRevenue({ revenue, tenancy: runtime.tenancy, logger: runtime.logger });
