import { openBenchEngines } from '../engines/open-engines.ts';
import { medianOf } from '../measure.ts';

/** What the engines do when nothing but the SDK asks them. */
export interface Ceilings {
  /** Of three items. */
  readonly transactionsPerSecond: number;
  /** FIFO, sent, received and deleted by tens. */
  readonly messagesPerSecond: number;
}

const TRANSACTIONS = 3_000;
const MESSAGES = 10_000;
const REPETITION = { warmUps: 1, repetitions: 3 } as const;

export async function measureCeilings(): Promise<Ceilings> {
  await using bench = await openBenchEngines();
  await bench.createTable('ceiling');
  const transactionsPerSecond = await medianOf(
    (run) =>
      bench.client.run('writeTransactions', {
        ...bench.connection,
        tableName: 'ceiling',
        transactions: TRANSACTIONS,
        concurrency: 32,
        run,
      }),
    REPETITION,
  );
  const messagesPerSecond = await medianOf(async (run) => {
    const { url: queueUrl } = await bench.createFifoQueue(`ceiling-${run}`);
    const load = { queueUrl, messages: MESSAGES, groups: 50, concurrency: 8, run };
    return bench.client.run('passThroughQueue', { ...bench.connection, ...load });
  }, REPETITION);
  return { transactionsPerSecond, messagesPerSecond };
}
