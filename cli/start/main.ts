import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInTerminal } from '../../local/start/run-in-terminal.ts';
import { driverArguments, readStartCommand, startHelp } from './options.ts';
import { startApps } from './start-apps.ts';

/** Runs `waybill start`, or the driver given in the options. @returns the exit status */
export async function main(args: readonly string[]): Promise<number> {
  const { file, rest } = driverArguments(args);
  const driver = file === undefined ? undefined : resolve(file);
  if (driver !== undefined && existsSync(driver)) return drive(driver, rest);
  const isHelp = rest.includes('--help') || rest.includes('-h');
  if (driver !== undefined && !isHelp) process.stderr.write(`there is no driver '${file}': the app runs without it\n`);
  return runInTerminal({ read: () => readStartCommand(rest), help: startHelp, run: startApps });
}

async function drive(file: string, args: readonly string[]): Promise<number> {
  const driver: { readonly main?: unknown } = await import(pathToFileURL(file).href);
  if (typeof driver.main === 'function') return driver.main(args);
  process.stderr.write(`--driver must name a module that exports main(args), got '${file}'\n`);
  return 2;
}
