import { followChanges } from '../../../local/start/follow-changes.ts';
import { refuseTakenPort } from '../../../local/start/free-port.ts';
import { refuseUnmentionedLogs } from '../../../local/start/mentioned-logs.ts';
import { runInTerminal } from '../../../local/start/run-in-terminal.ts';
import { createRunLogs } from '../../../local/start/run-logs.ts';
import type { Screen } from '../../../local/view/screen.ts';
import { checkEnvironment } from './cli/check-environment.ts';
import { helpText } from './cli/help.ts';
import { createInputReport } from './cli/input-report.ts';
import { type RunOptions, readCommand } from './cli/options.ts';
import { placeAndSettle } from './cli/place-and-settle.ts';
import { PROJECT_FOLDER } from './cli/project-folder.ts';
import { startShop } from './cli/start-shop.ts';
import { stayUp } from './cli/stay-up.ts';
import { sumUp } from './cli/sum-up.ts';
import { openOrders } from './orders/open-orders.ts';
import type { RunResult } from './summary/summarize.ts';
import { summaryText, troubleLines } from './summary/summary-text.ts';

/** Runs the shop from its command line. @returns the exit status */
export const main = (args: readonly string[]): Promise<number> =>
  runInTerminal({ read: () => readCommand(args), help: helpText, run: runShop });

/** From the options to the exit status; whatever it opens is closed again, however it ends. */
async function runShop(options: RunOptions, screen: Screen, signal: AbortSignal): Promise<number> {
  await using resources = new AsyncDisposableStack();
  checkEnvironment(options.environment);
  await refuseTakenPort(options.port);
  refuseUnmentionedLogs(options.logs, PROJECT_FOLDER);
  const input = createInputReport(screen);
  const plan = await openOrders(options, input);

  const logs = createRunLogs(screen, options);
  const shopRun = await startShop(options, { screen, logs, signal, resources });
  void shopRun.builder.checkStarts(shopRun.run.lambda);
  if (options.watch) {
    const { run, builder, update, context, assembliesFolder } = shopRun;
    const nameOf = (functionName: string) => shopRun.topology.serviceNames.get(functionName) ?? functionName;
    const project = { projectFolder: PROJECT_FOLDER, builder, run, nameOf, context, assembliesFolder };
    resources.use(followChanges({ ...project, update, screen, signal }));
  }
  const placed = await placeAndSettle(plan, options, shopRun, { screen, logs, signal });
  const sumUpNow = () => sumUp(shopRun, logs, options, placed, { plan, badLines: input.badLines(), signal });
  const result = await sumUpNow();

  for (const line of options.json ? troubleLines(result.troubles, screen) : summaryText(result, screen))
    screen.line(line);
  if (options.json) process.stdout.write(`${JSON.stringify(result.summary)}\n`);
  if (staysUp(options, result)) {
    return await stayUp(shopRun, { plan, placed, logs, screen, signal, result, sumUp: sumUpNow });
  }
  return result.troubles.length === 0 ? 0 : 1;
}

/** Where a grant is missing or a function cannot start, there is nothing to look around for, unless the code is about to change. */
function staysUp({ exit, watch }: RunOptions, { summary }: RunResult): boolean {
  return !exit && (watch || summary.missingGrants.length + summary.failedStarts.length === 0);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
