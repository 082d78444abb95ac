import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import { type Started, startWaybill } from '../../test/e2e/start-waybill.ts';
import type { BenchContext } from '../area.ts';
import { quantile } from '../measure.ts';
import { figure, type Report } from '../report.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const ROUNDS = 5;
const CONSUMERS = 5;
const LOOK_EVERY_MS = 5;

/** A hub with consumers, and a function whose file is saved. */
const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { EventConsumer } from '${REPOSITORY}/infra/constructs/event-consumer.ts';
import { WaybillFunction } from '${REPOSITORY}/infra/constructs/waybill-function.ts';
import { selectEnvironment } from '${REPOSITORY}/infra/environments.ts';
import { featureFlags } from '${REPOSITORY}/infra/feature-flags.ts';
import { HubStack } from '${REPOSITORY}/infra/stacks/hub-stack.ts';
import { benchSubscription } from '${REPOSITORY}/bench/app/events.ts';

const app = new App({ context: featureFlags() });
const { settings } = selectEnvironment({ env: 'dev' });
const { hub } = new HubStack(app, 'Hub', { settings });
const stack = new Stack(app, 'Bench');
for (let number = 1; number <= ${CONSUMERS}; number++) {
  const subscription = benchSubscription('consumer-' + number, 'strict');
  hub.registerProducer(stack, subscription.events);
  new EventConsumer(stack, subscription.name, {
    hub,
    subscription,
    entry: '${REPOSITORY}/bench/app/consumer/index.ts',
    environment: { BENCH_CONSUMER: subscription.name, BENCH_ORDERING: 'strict', BENCH_TABLE_NAME: 'none' },
  });
}
new WaybillFunction(stack, 'Greet', { entry: 'greet.ts', serviceName: 'greet', settings });
app.synth();
`;

const greeting = (text: string): string => `export const handler = async (): Promise<string> => '${text}';\n`;

/** From saving a handler's file to the answer of the new code, beside a start of the whole run. */
export async function measureWatch({ progress }: BenchContext): Promise<Report> {
  using folder = createTemporaryFolder();
  const app = join(folder.path, 'app');
  const temporary = join(folder.path, 'tmp');
  for (const path of [app, temporary]) mkdirSync(path);
  symlinkSync(join(REPOSITORY, 'node_modules'), join(app, 'node_modules'));
  writeFileSync(join(app, 'package.json'), '{"type":"module"}');
  writeFileSync(join(app, 'cdk.json'), '{"app":"node app.ts","watch":{"include":["*.ts"]}}');
  writeFileSync(join(app, 'app.ts'), APP);

  const restarts: number[] = [];
  const swaps: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    progress(`round ${round + 1} of ${ROUNDS}`);
    writeFileSync(join(app, 'greet.ts'), greeting(`started ${round}`));
    const startedAt = performance.now();
    const started = startWaybill(REPOSITORY, ['start', app, '--watch'], { TMPDIR: temporary });
    try {
      const greet = await openGreeting(started);
      await answers(greet, `started ${round}`);
      restarts.push(performance.now() - startedAt);
      const savedAt = performance.now();
      writeFileSync(join(app, 'greet.ts'), greeting(`saved ${round}`));
      await answers(greet, `saved ${round}`);
      swaps.push(performance.now() - savedAt);
    } finally {
      started.kill('SIGINT');
      await started.ended;
    }
  }
  const restart = quantile(restarts, 0.5);
  return {
    figures: [
      figure({
        name: 'a handler is saved until its new code answers, --watch',
        value: quantile(swaps, 0.5),
        unit: 'ms',
        beside: { what: 'a start of the run until the code answers, ms', value: restart },
        note: `medians of ${ROUNDS} rounds, ${CONSUMERS + 3} functions`,
      }),
    ],
  };
}

type Greet = () => Promise<unknown>;

/** Once the run is up. */
async function openGreeting(started: Started): Promise<Greet> {
  await started.said(/^The run stays up until Ctrl-C\.$/m);
  const [, endpoint = ''] = /^Endpoint (\S+), /m.exec(started.stdout()) ?? [];
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials });
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand());
  const FunctionName = Functions.find((each) => each.FunctionName?.includes('Greet'))?.FunctionName;
  return async () => {
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName }));
    return JSON.parse(Buffer.from(Payload ?? []).toString());
  };
}

async function answers(greet: Greet, text: string): Promise<void> {
  while ((await greet()) !== text) await setTimeout(LOOK_EVERY_MS);
}
