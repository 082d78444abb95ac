#!/usr/bin/env node
import { commandWithOwnOptions } from './own-options.ts';

const args = process.argv.slice(2);
const command = commandWithOwnOptions(args);

// each loads what it needs: the engines are nothing for an operator, and the operator's clients nothing for a local run
switch (command?.name) {
  case 'start':
    process.exitCode = await (await import('./start/main.ts')).main(command.args);
    break;
  case 'init':
    process.exitCode = (await import('./init/main.ts')).main(command.args);
    break;
  case undefined:
    process.exitCode = await (await import('./operate.ts')).operate(args);
}
