import { createReaderRuntime } from '../../../../../lib/runtime/reader-runtime.ts';
import { createViewReaderOn } from '../../../../../lib/runtime/view-reader.ts';
import { orderOverview } from '../projection.ts';
import { createQueryOrders } from './handler.ts';

const runtime = createReaderRuntime(process.env);
const overview = createViewReaderOn(orderOverview, runtime, process.env);

export const handler = createQueryOrders({ overview, tenancy: runtime.tenancy, logger: runtime.logger });
