import { join, resolve } from 'node:path';
import { createMovableClock } from '../../local/clock.ts';
import { type AppBuilder, createAppBuilder, LEFT_OUT } from '../../local/start/app-builder.ts';
import { faultsOf } from '../../local/start/app-folder.ts';
import { tellDeadLetters } from '../../local/start/dead-letters.ts';
import { warnOfFailedStarts } from '../../local/start/failed-start.ts';
import { refuseTakenPort } from '../../local/start/free-port.ts';
import { hubContextOf } from '../../local/start/hub-context.ts';
import { warnOfMissingGrants } from '../../local/start/missing-grant.ts';
import { aborted } from '../../local/start/run-in-terminal.ts';
import { createRunLogs } from '../../local/start/run-logs.ts';
import {
  describeApp,
  describeOutputs,
  type RunningApp,
  refuseUnmatched,
  startApp,
} from '../../local/start/start-app.ts';
import { readAssemblies } from '../../local/template/assembly.ts';
import { TemplateRefusedError } from '../../local/template/errors.ts';
import { leaveOut } from '../../local/template/leave-out.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import { lookIn, shellVariables } from '../../local/view/look-in.ts';
import type { Screen } from '../../local/view/screen.ts';
import { seconds } from '../../local/view/seconds.ts';
import { type AppFolder, readAppFolders } from './app-folders.ts';
import { followApps } from './follow-apps.ts';
import type { StartOptions } from './options.ts';

interface Terminal {
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly builder: AppBuilder;
}

/**
 * Starts the apps of the folders one after another, so that each can use the resources of earlier ones, and runs until
 * it is interrupted.
 * @returns the exit status if the run could not start
 */
export async function startApps(options: StartOptions, screen: Screen, signal: AbortSignal): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const apps = readAppFolders(options);
  await refuseTakenPort(options.port);
  const { path: assembliesFolder } = resources.use(createTemporaryFolder());
  const clock = createMovableClock();
  const { port, seed, without, chaosSeed, release } = options;
  const builder = resources.use(createAppBuilder({ release, folder: assembliesFolder }));
  const logs = createRunLogs(screen, options);
  const beganAt = clock.now();
  let synthesisMs = 0;
  const assemblies: string[] = [];
  let app: RunningApp | undefined;
  try {
    for (const [index, each] of apps.entries()) {
      const synthesisStartedAt = clock.now();
      assemblies.push(
        await assemblyOf(each, join(assembliesFolder, `start-${index}`), options, { screen, signal, builder }, app),
      );
      synthesisMs += clock.now() - synthesisStartedAt;
      const hasLaterApps = index < apps.length - 1;
      if (!hasLaterApps) refuseUnmatched(assemblies, without);
      if (app !== undefined) {
        await app.update([...assemblies]);
        continue;
      }
      // all names are known after all apps have started
      const laterServices = hasLaterApps ? { hasLaterApps, laterServices: options.logs } : {};
      const start = {
        assemblyFolder: assemblies,
        port,
        seed,
        without,
        clock,
        realIssuers: options.realIssuers,
        ...laterServices,
        ...faultsOf(chaosSeed),
      };
      app = await startApp(start, { logs, signal, resources });
    }
  } catch (error) {
    if (!(error instanceof TemplateRefusedError) || error.constructs.length === 0) throw error;
    screen.warn(error.message);
    const names = [...without, ...error.constructs];
    screen.warn(`To run all else: ${names.map((name) => `--without ${shellWord(name)}`).join(' ')}`);
    return 1;
  }
  if (app === undefined) throw new TypeError('no folder was given');
  logs.nameServices(app.topology.serviceNames);

  const synthesis = apps.some(({ isApp }) => isApp) ? `synthesized in ${seconds(synthesisMs)}, ` : '';
  const times = `${synthesis}started in ${seconds(clock.now() - beganAt - synthesisMs)}`;
  for (const line of [...describeApp(app), ...describeLeftOut(assemblies, without), `(${times})`]) screen.line(line);
  if (!release && apps.some(({ isApp }) => isApp)) screen.line(LEFT_OUT);
  for (const line of [...describeOutputs(app.run.deployment), '']) screen.line(line);
  for (const line of ['To look in, in another terminal:', ...lookAround(app)]) screen.line(line);
  resources.use(warnOfMissingGrants(app.run.permissions, screen));
  resources.use(warnOfFailedStarts(app.run, screen, options));
  void builder.checkStarts(app.run.lambda);
  const { run } = app;
  const queues = { sqs: run.sqs, deployment: () => run.deployment, consumers: () => app.topology.consumers };
  resources.use(tellDeadLetters(queues, { screen, clock: createMovableClock() }));
  if (options.watch) {
    const { context } = options;
    resources.use(followApps({ apps, assemblies, app, context, builder, assembliesFolder, screen, signal }));
  }
  screen.line('The run stays up until Ctrl-C.');
  return await aborted(signal);
}

/** Synthesizes an app. From the second app on, lookups find the running hubs. */
async function assemblyOf(
  { folder, isApp }: AppFolder,
  outputFolder: string,
  { context, verbose, release }: StartOptions,
  { screen, signal, builder }: Terminal,
  running: RunningApp | undefined,
): Promise<string> {
  if (!isApp) return folder;
  const told = Object.entries(context).map(([key, value]) => ` -c ${key}=${value}`);
  const how = release ? ' (cdk synth; takes some seconds)' : '';
  screen.line(`Synthesizing ${resolve(folder)}${told.join('')}${how} …`);
  await builder.build({
    projectFolder: resolve(folder),
    outputFolder,
    context: running === undefined ? context : { ...context, ...hubContextOf(running.run.deployment) },
    ...(running === undefined ? {} : { place: running.run.deployment }),
    signal,
    ...(verbose ? { onOutput: (text: string) => screen.log(text.trimEnd()) } : {}),
  });
  return outputFolder;
}

/** Lists types only if there are few. */
const MOST_TYPES_SHOWN = 5;

const describeLeftOut = (assemblyFolders: readonly string[], without: readonly string[]): string[] =>
  [...leaveOut(readAssemblies(assemblyFolders), without).leftOut].map(([name, types]) => {
    const what = types.length > MOST_TYPES_SHOWN ? `${types.length} resources` : types.join(', ');
    return `Without ${name}: ${what}`;
  });

const lookAround = ({ run, topology }: RunningApp): string[] => [
  ...shellVariables(run),
  ...lookIn(topology),
  ...(topology.outboxTableName === undefined ? [] : ['  npx waybill held    # --help has all commands']),
];

/** Quoted for a shell. */
const shellWord = (text: string): string => (/^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
