import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createMovableClock } from '../../local/clock.ts';
import { chaosPlan } from '../../local/faults/chaos-plan.ts';
import { tellDeadLetters } from '../../local/start/dead-letters.ts';
import { followChanges } from '../../local/start/follow-changes.ts';
import { refuseTakenPort } from '../../local/start/free-port.ts';
import { warnOfMissingGrants } from '../../local/start/missing-grant.ts';
import { aborted } from '../../local/start/run-in-terminal.ts';
import { createRunLogs } from '../../local/start/run-logs.ts';
import { describeApp, type RunningApp, startApp } from '../../local/start/start-app.ts';
import { UsageError } from '../../local/start/usage-error.ts';
import { readWatchPatterns } from '../../local/start/watch-patterns.ts';
import { synthesize } from '../../local/synthesize.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { TemplateRefusedError } from '../../local/template/errors.ts';
import { leaveOut } from '../../local/template/leave-out.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import { lookIn, shellVariables } from '../../local/view/look-in.ts';
import type { Screen } from '../../local/view/screen.ts';
import { seconds } from '../../local/view/seconds.ts';
import type { StartOptions } from './options.ts';

/** Those that hang until their time-out must not hold up the others. */
const ENVIRONMENTS_UNDER_FAULTS = 6;

/** Brings up the app of a folder, and stays up until it is interrupted. @returns the exit status of a run that did not come up */
export async function startFolder(options: StartOptions, screen: Screen, signal: AbortSignal): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const isApp = isAppFolder(options);
  if (options.watch) readWatchPatterns(options.folder);
  await refuseTakenPort(options.port);
  const { path: assembliesFolder } = resources.use(createTemporaryFolder());
  const assemblyFolder = isApp ? join(assembliesFolder, 'start') : options.folder;
  const clock = createMovableClock();

  const synthesisStartedAt = clock.now();
  if (isApp) await synthesizeApp(options, { outputFolder: assemblyFolder, screen, signal });
  const startedAt = clock.now();
  const { port, seed, without, chaosSeed } = options;
  const chaos =
    chaosSeed === undefined ? {} : { faults: chaosPlan(chaosSeed), environmentsPerFunction: ENVIRONMENTS_UNDER_FAULTS };
  const logs = createRunLogs(screen, options);
  let app: RunningApp;
  try {
    app = await startApp({ assemblyFolder, port, seed, without, clock, ...chaos }, { logs, signal, resources });
  } catch (error) {
    if (!(error instanceof TemplateRefusedError) || error.constructs.length === 0) throw error;
    screen.warn(error.message);
    const names = [...without, ...error.constructs];
    screen.warn(`To run all else: ${names.map((name) => `--without ${shellWord(name)}`).join(' ')}`);
    return 1;
  }

  const synthesis = isApp ? `synthesized in ${seconds(startedAt - synthesisStartedAt)}, ` : '';
  const times = `${synthesis}started in ${seconds(clock.now() - startedAt)}`;
  const leftOut = describeLeftOut(assemblyFolder, without);
  for (const line of [...describeApp(app), ...leftOut, `(${times})`]) screen.line(line);
  for (const line of ['To look in, in another terminal:', ...lookAround(app)]) screen.line(line);
  resources.use(warnOfMissingGrants(app.run.permissions, screen));
  const { run } = app;
  const queues = { sqs: run.sqs, deployment: () => run.deployment, consumers: () => app.topology.consumers };
  resources.use(tellDeadLetters(queues, { screen, clock: createMovableClock() }));
  if (options.watch) {
    const { folder, context } = options;
    const projectFolder = resolve(folder);
    resources.use(followChanges({ projectFolder, context, assembliesFolder, update: app.update, screen, signal }));
  }
  screen.line('The run stays up until Ctrl-C.');
  return await aborted(signal);
}

/**
 * Whether the folder is a CDK app's; else it is an assembly.
 * @throws UsageError `LOCAL_USAGE` when it is neither, or options are given that an assembly has no use for
 */
function isAppFolder({ folder, context, watch }: StartOptions): boolean {
  if (isFile(join(folder, 'cdk.json'))) return true;
  if (!isFile(join(folder, 'manifest.json'))) {
    throw new UsageError(
      `'${folder}' has neither cdk.json nor manifest.json: name the folder of a CDK app, or what cdk synth wrote`,
    );
  }
  const useless = [...(Object.keys(context).length > 0 ? ['--env and --context'] : []), ...(watch ? ['--watch'] : [])];
  if (useless.length === 0) return false;
  throw new UsageError(
    `${useless.join(' and ')} need a folder with cdk.json, and '${folder}' is what cdk synth wrote: name the app's folder`,
  );
}

async function synthesizeApp(
  { folder, context, verbose }: StartOptions,
  {
    outputFolder,
    screen,
    signal,
  }: { readonly outputFolder: string; readonly screen: Screen; readonly signal: AbortSignal },
): Promise<void> {
  const told = Object.entries(context).map(([key, value]) => ` -c ${key}=${value}`);
  screen.line(`Synthesizing ${resolve(folder)}${told.join('')} (cdk synth; takes some seconds) …`);
  await synthesize({
    projectFolder: resolve(folder),
    outputFolder,
    context,
    signal,
    ...(verbose ? { onOutput: (text: string) => screen.log(text.trimEnd()) } : {}),
  });
}

/** Types are told while they are few. */
const MOST_TYPES_SHOWN = 5;

const describeLeftOut = (assemblyFolder: string, without: readonly string[]): string[] =>
  [...leaveOut(readAssembly(assemblyFolder), without).leftOut].map(([name, types]) => {
    const what = types.length > MOST_TYPES_SHOWN ? `${types.length} resources` : types.join(', ');
    return `Without ${name}: ${what}`;
  });

const lookAround = ({ run, topology }: RunningApp): string[] => [
  ...shellVariables(run),
  ...lookIn(topology),
  ...(topology.outboxTableName === undefined ? [] : ['  npm run waybill -- held    # --help has all commands']),
];

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** As it can be pasted into a shell. */
const shellWord = (text: string): string => (/^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
