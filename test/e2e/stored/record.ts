import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { whenOutputCloses } from '../../../local/view/closed-output.ts';
import { takeSnapshot } from './snapshot.ts';
import { type StoredRun, startStored } from './stored-run.ts';

/** Later than any test that reads the recording: the run's time can only be moved ahead. */
const STARTS_AT = Date.parse('2100-01-01T00:00:00Z');

const PROJECT_FOLDER = join(import.meta.dirname, '../../..');

const LOOK_EVERY_MS = 50;

/** Stops the function from taking anything of its stream or queue. */
async function detach({ clients, run }: StoredRun, constructPath: string): Promise<void> {
  const { functionName } = run.deployment.functions.find((one) => one.constructPath === constructPath) ?? {};
  const { EventSourceMappings = [] } = await clients.lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName: functionName }),
  );
  if (EventSourceMappings.length !== 1) throw new Error(`${EventSourceMappings.length} mappings at ${constructPath}`);
  for (const { UUID } of EventSourceMappings) {
    await clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  }
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await isSo()); looks += 1) {
    if (looks > 1200) throw new Error(`still not: ${what}`);
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** Brings an app to where much is half done, and writes down what it has stored. */
async function record(file: string): Promise<void> {
  await using stored = await startStored(STARTS_AT);
  const { run, deposit, request, waybill } = stored;
  const inQueue = (path: string) => run.sqs.peek(stored.queueAt(path).arn);
  const status = async (tripId: string) =>
    JSON.parse((await waybill('sagas', 'show', 'trips', tripId, '--json')).out || '{}').status;

  // all that needs time comes first
  await deposit('done', 'handle', 'handle', 'handle');
  await deposit('held', 'fail-until-mended', 'handle', 'handle');
  await deposit('skipped', 'fail-until-mended', 'handle');
  await request({ tripId: 'free', room: 'free' });
  await request({ tripId: 'stuck', room: 'taken' });
  await stored.settle();
  await stored.advance(960);
  await stored.advance(960);
  const skipped = await waybill(
    ...['skip', '--consumer', 'accounts', '--group', 'account#skipped', '--sequence', '1'],
    ...['--reason', 'a double entry', '--by', 'ann', '--yes'],
  );
  if (skipped.status !== 0) throw new Error(skipped.err);
  await stored.settle();

  // from here on time takes its own pace: nothing that waits comes again before the snapshot
  await request({ tripId: 'waiting', room: 'asleep' });
  await until('a saga waits for a room', async () => (await status('waiting')) === 'running');
  await until('the timer of the room stands', async () => {
    const { out } = await waybill('sagas', 'show', 'trips', 'waiting', '--json');
    return out.includes('"room"') && run.scheduler.pendingTimers() > 0 && run.unsettled().length === 0;
  });
  const rebuild = run.deployment.functions.find(
    ({ constructPath }) => constructPath === 'Stored/Balances/Rebuild/Resource',
  );
  await stored.invoke(rebuild?.functionName ?? '', { action: 'start' });
  await deposit('while-rebuilding', 'handle');
  await until('the queues are empty', async () => run.unsettled().length === 0);

  await deposit('retrying', 'fail-until-mended', 'handle');
  await deposit('dying', 'die-once', 'handle');
  const ACCOUNTS = 'Stored/Accounts/Queue/Resource';
  await until('both have been tried', async () => {
    const tried = inQueue(ACCOUNTS).filter(({ receiveCount }) => receiveCount > 0);
    return new Set(tried.map(({ groupId }) => groupId)).size === 2 && run.lambda.activity().invocations === 0;
  });
  await detach(stored, 'Stored/Accounts/Function/Resource');
  await detach(stored, 'Stored/Ledger/Function/Resource');
  await deposit('queued', 'handle', 'handle');
  await until('the messages are in both queues', async () =>
    ['Stored/Accounts/Queue/Resource', 'Stored/Ledger/Queue/Resource'].every(
      (path) => inQueue(path).filter(({ groupId }) => groupId === 'account#queued').length === 2,
    ),
  );
  await until('the markers are gone', async () => run.unsettled().every((text) => text.startsWith('queue ')));
  await detach(stored, 'StoredHub/Hub/Relay/Function/Resource');
  await deposit('unpublished', 'handle', 'handle');

  const snapshot = await takeSnapshot(stored, ['account#unpublished']);
  // stacks of failures name files of this machine
  const text = JSON.stringify(snapshot, undefined, 1).replaceAll(PROJECT_FOLDER, '/app/');
  writeFileSync(file, `${text}\n`, { flag: 'wx' });
}

whenOutputCloses([process.stdout], () => process.exit(1));

const USAGE = `Brings an app to where much is half done, and records what it has stored, for test/e2e/stored.test.ts.

Usage: npm run record:stored -- FILE

FILE is a new recording, such as test/e2e/stored/recordings/format-2.json.
`;

const [file = '', ...more] = process.argv.slice(2);
if (file === '--help') process.stdout.write(USAGE);
else {
  const problem = problemOf(file, more);
  if (problem === undefined) await record(file);
  else {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 2;
  }
}

function problemOf(path: string, others: readonly string[]): string | undefined {
  if (path === '' || path.startsWith('-') || others.length > 0) {
    return `record:stored takes one new file, or --help, got '${[path, ...others].join(' ')}'`;
  }
  return existsSync(path) ? `'${path}' exists: recordings are never changed; name another file` : undefined;
}
