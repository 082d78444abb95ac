import { openBenchEngines } from '../engines/open-engines.ts';
import { medianOf } from '../measure.ts';

/** What the engines do when nothing but the SDK asks them. */
export interface Ceilings {
  /** Of three items. */
  readonly transactionsPerSecond: number;
  /** FIFO, sent, received and deleted by tens. */
  readonly messagesPerSecond: number;
  /** Of both sides of the wire. */
  readonly cpuMsPerTransaction: number;
}

const TRANSACTIONS = 3_000;
const MESSAGES = 10_000;
const REPETITION = { warmUps: 1, repetitions: 3 } as const;

export async function measureCeilings(): Promise<Ceilings> {
  await using bench = await openBenchEngines();
  await bench.createTable('ceiling');
  const write = (run: number) => {
    const load = { tableName: 'ceiling', transactions: TRANSACTIONS, concurrency: 32, run };
    return bench.client.run('writeTransactions', { ...bench.connection, ...load });
  };
  const transactionsPerSecond = await medianOf(write, REPETITION);
  const before = process.cpuUsage();
  const perSecond = await write(-1);
  const { user, system } = process.cpuUsage(before);
  const engineMs = (user + system) / 1000 / TRANSACTIONS;
  const clientMs = (1000 * bench.client.cpuRatio()) / perSecond;
  const messagesPerSecond = await medianOf(async (run) => {
    const { url: queueUrl } = await bench.createFifoQueue(`ceiling-${run}`);
    const load = { queueUrl, messages: MESSAGES, groups: 50, concurrency: 8, run };
    return bench.client.run('passThroughQueue', { ...bench.connection, ...load });
  }, REPETITION);
  return { transactionsPerSecond, messagesPerSecond, cpuMsPerTransaction: engineMs + clientMs };
}
