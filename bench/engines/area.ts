import type { Measures } from '../area.ts';
import { measureBusDeliveries } from './bus-deliveries.ts';
import { measureFifoMessages } from './fifo-messages.ts';
import { measureIdleRun } from './idle-run.ts';
import { measureToFunction } from './to-function.ts';
import { measureTransactions } from './transactions.ts';

export const measures: Measures = {
  transactions: measureTransactions,
  fifo: measureFifoMessages,
  bus: measureBusDeliveries,
  functions: measureToFunction,
  idle: measureIdleRun,
};
