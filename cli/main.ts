#!/usr/bin/env node
import { commandWithOwnOptions } from './own-options.ts';

const args = process.argv.slice(2);
const command = commandWithOwnOptions(args);

// load only the modules of the command: operators do not need the engines, and a local run does not need the operator's
// clients
switch (command?.name) {
  case 'start':
    process.exitCode = await (await import('./start/main.ts')).main(command.args);
    break;
  case 'init':
    process.exitCode = (await import('./init/main.ts')).main(command.args);
    break;
  case 'openapi':
    process.exitCode = await (await import('./openapi/main.ts')).main(command.args);
    break;
  case 'complete':
    process.exitCode = (await import('./complete/main.ts')).main(command.args);
    break;
  case 'mcp':
    process.exitCode = await (await import('./mcp/main.ts')).main(command.args);
    break;
  case undefined:
    process.exitCode = await (await import('./operate.ts')).operate(args);
}
