import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { functionEnvironment } from '../app/function-environment.ts';
import { type BenchRun, openBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { queued } from '../cost/scenario.ts';
import { quantile } from '../measure.ts';
import { assemblyOf, PEERS, type PeerStack } from '../peers/stacks.ts';
import { type Figure, figure, type Report, type Table } from '../report.ts';
import type { ColdStart } from './cold-process.ts';

const PROCESS = new URL('./cold-process.ts', import.meta.url);
const STARTS = 9;
/** Of each start: the first, and those that show what it is without a start. */
const CALLS = 4;

interface Row {
  readonly title: string;
  readonly label: string;
  readonly load: number;
  readonly init: number;
  readonly firstCall: number;
  readonly laterCall: number;
}

/** The parts of a cold start of relay and consumer, Waybill's beside those that a team writes itself. */
export async function measureColdStarts({ progress }: BenchContext): Promise<Report> {
  const rows: Row[] = [];
  // the sample's relay has the same consumer
  for (const stack of PEERS.slice(1)) {
    progress(stack.title);
    rows.push(...(await rowsOf(stack)));
  }
  const table: Table = {
    title: `ms of CPU in a new process, medians of ${STARTS} starts`,
    head: ['stack', 'function', 'load', 'init', 'in all', 'first call', 'a later call'],
    rows: rows.map((row) => {
      const calls = row.label === 'relay' ? ['–', '–'] : [row.firstCall, row.laterCall];
      return [row.title, row.label, row.load, row.init, startOf(row), ...calls];
    }),
  };
  return { figures: figuresOf(rows), tables: [table] };
}

/** With the first call, where one was made. */
const startOf = ({ load, init, firstCall }: Row): number => load + init + firstCall;

function figuresOf(rows: readonly Row[]): readonly Figure[] {
  const [relay, consumer] = rows;
  if (relay === undefined || consumer === undefined) throw new Error('nothing was measured');
  return rows.slice(2).map((row) => {
    const base = row.label === relay.label ? relay : consumer;
    return figure({
      name: `${row.title}: cold start of ${row.label}`,
      value: startOf(row),
      unit: 'ms of CPU',
      beside: { what: 'written by a team itself', value: startOf(base) },
    });
  });
}

async function rowsOf(stack: PeerStack): Promise<readonly Row[]> {
  using assembly = assemblyOf(stack);
  await using bench = await openBenchRun({ assemblyFolder: assembly.path });
  await bench.setEnabled('consumers', false);
  await bench.setEnabled('relay', false);
  const events = STARTS * CALLS;
  await stack.publish(bench, { events, groups: events, concurrency: 4, eventBytes: 1_000, name: 'cold' });
  // the bus takes events from the relay's own role alone, which code out here does not have
  const relay = await startsOf(bench, 'relay', []);

  await bench.setEnabled('relay', true);
  await queued(bench, events);
  const queue = bench.run.deployment.queues.find(({ constructPath }) => constructPath.endsWith('/Queue/Resource'));
  const messages = bench.run.sqs.peek(queue?.arn ?? '').map(({ body, groupId = '' }, index) => ({
    Records: [
      {
        messageId: `message-${index}`,
        receiptHandle: `receipt-${index}`,
        body,
        attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0', MessageGroupId: groupId },
        messageAttributes: {},
        eventSource: 'aws:sqs',
        eventSourceARN: queue?.arn,
      },
    ],
  }));
  const consumer = await startsOf(bench, 'consumer-1', messages);
  return [
    { title: stack.title, label: 'relay', ...relay },
    { title: stack.title, label: 'consumer', ...consumer },
  ];
}

/**
 * Each start has events of its own, so that none is a duplicate.
 * @param events none where the function is only loaded
 */
async function startsOf(
  bench: BenchRun,
  label: string,
  events: readonly object[],
): Promise<Omit<Row, 'title' | 'label'>> {
  const found = bench.run.deployment.functions.find(({ functionName }) => bench.functionLabel(functionName) === label);
  const env = { PATH: process.env['PATH'], ...(await functionEnvironment(bench, label)) };
  const starts: ColdStart[] = [];
  for (let start = 0; start < STARTS; start++) {
    const own = events.slice(start * CALLS, (start + 1) * CALLS);
    starts.push(await coldStart(join(found?.codeFolder ?? '', 'index.mjs'), env, own));
  }
  const median = (read: (start: ColdStart) => number) => quantile(starts.map(read), 0.5);
  return {
    load: median(({ load }) => load),
    init: median(({ init }) => init),
    firstCall: median(({ calls: [first = 0] }) => first),
    laterCall: median(({ calls }) => calls.at(-1) ?? 0),
  };
}

export async function coldStart(file: string, env: NodeJS.ProcessEnv, events: readonly object[]): Promise<ColdStart> {
  const args = ['--no-warnings', '--experimental-vm-modules', fileURLToPath(PROCESS), file];
  const running = promisify(execFile)(process.execPath, args, { env, encoding: 'utf8' });
  running.child.stdin?.end(JSON.stringify(events));
  const { stdout } = await running;
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}
