import { createFunctionFolder } from '../../test/local/lambda/function-folder.ts';
import type { BenchContext } from '../area.ts';
import type { SendPaced } from '../client/loads/send-paced.ts';
import { medianOf, millisecondsOf, quantile } from '../measure.ts';
import { figure, type Report } from '../report.ts';
import { openBenchEngines } from './open-engines.ts';

const COUNT = 5_000;
const PACED = 200;
const PACED_PAUSE_MS = 10;
const CONCURRENCY = 16;

/** Tells in one line per invocation how long each record was on its way. */
const SOURCE = `
  const sentAt = ({ body, dynamodb }) => (body === undefined ? Number(dynamodb.NewImage.sentAt.N) : JSON.parse(body).sentAt);
  export const handler = async ({ Records }) => {
    const now = Date.now();
    console.log(JSON.stringify(Records.map((record) => now - sentAt(record))));
    return { batchItemFailures: [] };
  };`;

/** From a write to a table with a stream, or a message to a FIFO queue, to the function that a mapping feeds. */
export async function measureToFunction({ progress }: BenchContext): Promise<Report> {
  let delaysMs: number[] = [];
  let onDelays = () => {};
  await using bench = await openBenchEngines((_functionName, line) => {
    if (!line.startsWith('[')) return;
    delaysMs.push(...(JSON.parse(line) as number[]));
    onDelays();
  });
  const folder = createFunctionFolder();
  const codeFolder = folder.write({ 'index.mjs': SOURCE });

  const handled = (count: number) =>
    new Promise<void>((resolve) => {
      onDelays = () => {
        if (delaysMs.length >= count) resolve();
      };
      onDelays();
    });
  const pass = async (to: SendPaced['to'], count: number, pauseMs: number, run: number) => {
    delaysMs = [];
    const concurrency = pauseMs > 0 ? 1 : CONCURRENCY;
    const load = { ...bench.connection, to, count, concurrency, pauseMs, run };
    return millisecondsOf(() => Promise.all([bench.client.run('sendPaced', load), handled(count)]));
  };

  const measure = async (source: string, to: SendPaced['to'], arn: string, options: object): Promise<Report> => {
    const { lambda } = bench.engines;
    const runtime = { handler: 'index.handler', runtime: 'nodejs24.x', timeoutSeconds: 10, memoryMb: 128 };
    const roleArn = 'arn:aws:iam::111122223333:role/bench';
    lambda.createFunction({ functionName: source, codeFolder, ...runtime, environment: {}, roleArn });
    await lambda.createEventSourceMapping({ eventSourceArn: arn, functionName: source, ...options });
    progress(`${source} → function: ${COUNT} records, then ${PACED} one by one`);
    const perSecond = await medianOf(async (run) => (1000 * COUNT) / (await pass(to, COUNT, 0, run)));
    await pass(to, PACED, PACED_PAUSE_MS, 99);
    const [p50, p99] = [quantile(delaysMs, 0.5), quantile(delaysMs, 0.99)];
    const sendsPerSecond = await medianOf(async (run) => {
      const load = { ...bench.connection, to, count: COUNT, concurrency: CONCURRENCY, pauseMs: 0, run: run + 200 };
      return (1000 * COUNT) / (await millisecondsOf(() => bench.client.run('sendPaced', load)));
    });
    return {
      figures: [
        figure({
          name: `${source} → function, throughput`,
          value: perSecond,
          unit: 'records per second',
          beside: { what: 'sending alone, the function at work beside it', value: sendsPerSecond },
          note: `latency one by one: p50 ${p50} ms, p99 ${p99} ms`,
        }),
        figure({
          name: `${source} → function, latency p99`,
          value: p99,
          unit: 'ms',
          beside: { what: 'p50 of the same run', value: Math.max(p50, 1) },
        }),
      ],
    };
  };

  try {
    const streamArn = await bench.createTable('stream', true);
    const stream = await measure('stream', { tableName: 'stream' }, streamArn, {
      startingPosition: 'TRIM_HORIZON',
      batchSize: 100,
    });
    const queue = await bench.createFifoQueue('queue');
    const fromQueue = await measure('queue', { queueUrl: queue.url }, queue.arn, {
      batchSize: 10,
      maximumConcurrency: 4,
    });
    return { figures: [...stream.figures, ...fromQueue.figures] };
  } finally {
    folder.remove();
  }
}
