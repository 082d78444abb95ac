import { fork } from 'node:child_process';
import { join } from 'node:path';
import { whenOutputCloses } from '../local/view/closed-output.ts';
import { type AreaName, measuresOf } from './areas.ts';
import { machine } from './machine.ts';
import { helpText, problemOf, readCommand } from './options.ts';
import { linesOf } from './print.ts';
import type { Measured } from './run-area.ts';

const EXIT = { success: 0, trouble: 1, usage: 2 } as const;

whenOutputCloses([process.stdout], () => process.exit(EXIT.trouble));
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const command = readCommand(args);
  if (command.kind === 'help') {
    process.stdout.write(helpText());
    return EXIT.success;
  }
  if (command.kind === 'refused') {
    process.stderr.write(`${command.problem}\n`);
    return EXIT.usage;
  }
  const problem = await problemOf(command.chosen, measuresOf);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    return EXIT.usage;
  }
  const out = command.json ? process.stderr : process.stdout;
  const measured: Record<string, readonly Measured[]> = {};
  let failed = false;
  for (const { area, measures } of command.chosen) {
    const ofArea = await measureApart(area, measures, (each) => {
      failed ||= each.report === undefined;
      for (const line of linesOf(area, each)) out.write(`${line}\n`);
    });
    failed ||= ofArea.length === 0;
    measured[area] = [...(measured[area] ?? []), ...ofArea];
  }
  if (command.json) {
    process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), machine: machine(), areas: measured })}\n`);
  }
  return failed ? EXIT.trouble : EXIT.success;
}

/** In a process of its own, so that nothing of one area is in the memory or the compiled code of the next. */
async function measureApart(
  area: AreaName,
  measures: readonly string[],
  onMeasured: (measured: Measured) => void,
): Promise<readonly Measured[]> {
  const all: Measured[] = [];
  const child = fork(join(import.meta.dirname, 'run-area.ts'), [area, ...measures], {
    execArgv: [...process.execArgv, '--expose-gc'],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  child.on('message', (measured: Measured) => {
    all.push(measured);
    onMeasured(measured);
  });
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return all;
}
