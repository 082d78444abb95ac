import { describeError } from '../../../local/start/describe-error.ts';
import { followChanges } from '../../../local/start/follow-changes.ts';
import { InterruptedError, listenForInterruption } from '../../../local/start/interruption.ts';
import { createRunLogs } from '../../../local/start/run-logs.ts';
import { UsageError } from '../../../local/start/usage-error.ts';
import { createScreen, type Screen } from '../../../local/view/screen.ts';
import { checkEnvironment } from './cli/check-environment.ts';
import { helpText } from './cli/help.ts';
import { createInputReport } from './cli/input-report.ts';
import { type Command, type RunOptions, readCommand } from './cli/options.ts';
import { placeAndSettle } from './cli/place-and-settle.ts';
import { PROJECT_FOLDER } from './cli/project-folder.ts';
import { startShop } from './cli/start-shop.ts';
import { sumUp } from './cli/sum-up.ts';
import { openOrders } from './orders/open-orders.ts';
import type { RunResult } from './summary/summarize.ts';
import { summaryText, verdict } from './summary/summary-text.ts';
import { lookAround } from './view/look-around.ts';

/** Of the project: what is saved there is taken over with `--watch`. */
const WATCHED = ['infra', 'functions', 'lib', 'examples'];

const EXIT = { success: 0, trouble: 1, usage: 2 } as const;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = readCommand(args);
  } catch (error) {
    return refuse(error);
  }
  if (command.kind === 'help') {
    process.stdout.write(helpText());
    return EXIT.success;
  }

  const { options } = command;
  const { stdout, stderr, env } = process;
  const screen = createScreen({
    out: options.json || options.jsonLogs ? stderr : stdout,
    err: stderr,
    logs: options.json ? stderr : stdout,
    terminalType: env['TERM'],
    noColor: env['NO_COLOR'],
  });
  using interruption = listenForInterruption({
    process,
    now: () => performance.now(),
    kill: (exitStatus) => process.exit(exitStatus),
    onFirst: () => screen.line('Stopping … (once more to stop at once)'),
  });
  try {
    return await runShop(options, screen, interruption.signal);
  } catch (error) {
    const cause = interruption.signal.aborted ? interruption.signal.reason : error;
    if (cause instanceof InterruptedError) return cause.exitStatus;
    if (cause instanceof UsageError) return refuse(cause);
    screen.warn(describeError(cause, options));
    return EXIT.trouble;
  }
}

/** From the options to the exit status; whatever it opens is closed again, however it ends. */
async function runShop(options: RunOptions, screen: Screen, signal: AbortSignal): Promise<number> {
  await using resources = new AsyncDisposableStack();
  checkEnvironment(options.environment);
  const input = createInputReport(screen);
  const plan = await openOrders(options, input);

  const logs = createRunLogs(screen, options);
  const shopRun = await startShop(options, { screen, logs, signal, resources });
  if (options.watch) {
    const { update, context, assembliesFolder } = shopRun;
    const project = { projectFolder: PROJECT_FOLDER, folders: WATCHED };
    resources.use(followChanges({ ...project, update, context, assembliesFolder, screen, signal }));
  }
  const placed = await placeAndSettle(plan, options, shopRun, { screen, logs, signal });
  const result = await sumUp(shopRun, logs, options, placed, { plan, badLines: input.badLines(), signal });

  for (const line of options.json ? verdict(result.troubles) : summaryText(result)) screen.line(line);
  if (options.json) process.stdout.write(`${JSON.stringify(result.summary)}\n`);
  if (staysUp(options, result)) {
    for (const line of lookAround(shopRun, plan)) screen.line(line);
    await aborted(signal);
  }
  return result.troubles.length === 0 ? EXIT.success : EXIT.trouble;
}

/** Without a grant there is nothing to look around for, unless the code is about to change. */
function staysUp({ exit, watch }: RunOptions, { summary }: RunResult): boolean {
  return !exit && (watch || summary.missingGrants.length === 0);
}

function refuse(error: unknown): number {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return EXIT.usage;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
