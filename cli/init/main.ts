import { whenOutputCloses } from '../../local/view/closed-output.ts';
import { describeError } from '../describe-error.ts';
import { UsageError } from '../usage-error.ts';
import { initHelp, readInitCommand } from './options.ts';
import { writeScaffold } from './scaffold.ts';

/** Runs `waybill init` in the current folder. @returns the exit status: 0 written, 1 refused, 2 a wrong command line */
export function main(args: readonly string[]): number {
  const { stdout, stderr } = process;
  whenOutputCloses([stdout, stderr], () => process.exit());
  try {
    const command = readInitCommand(args);
    if (command.kind === 'help') {
      stdout.write(initHelp());
      return 0;
    }
    const { name } = command.options;
    const { files } = writeScaffold(command.options, process.cwd());
    stdout.write(nextSteps(name, files.length));
    return 0;
  } catch (error) {
    stderr.write(`${describeError(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

const nextSteps = (name: string, fileCount: number): string => `\
Wrote ${fileCount} files into ${name}: an event, a command, a consumer, their stacks and tests.

Next:
  cd ${name}
  npm install
  npm start       # the whole stack on this machine, until Ctrl-C
  npm test        # the handlers in memory

${name}/README.md says what is where, how to place an order, how to add a consumer and how to deploy.
`;
