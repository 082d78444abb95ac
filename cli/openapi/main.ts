import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { ApiDefinition } from '../../lib/definitions/index.ts';
import { openApiText } from '../../lib/http/openapi.ts';
import { whenOutputCloses } from '../../local/view/closed-output.ts';
import { describeError } from '../describe-error.ts';
import { UsageError } from '../usage-error.ts';
import { type OpenApiCommandOptions, openApiHelp, readOpenApiCommand } from './options.ts';

/** Runs `waybill openapi`. @returns the exit status: 0 done, 1 drifted or refused, 2 a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  whenOutputCloses([stdout, stderr], () => process.exit());
  try {
    const command = readOpenApiCommand(args);
    if (command.kind === 'help') {
      stdout.write(openApiHelp());
      return 0;
    }
    const { options } = command;
    const { issuer, serverUrl, out, check } = options;
    const text = openApiText(await apisOf(options), { issuer, serverUrl });
    if (out === undefined) {
      stdout.write(text);
      return 0;
    }
    if (!check) {
      writeFileSync(out, text);
      return 0;
    }
    // a formatter may have changed the text
    if (isDeepStrictEqual(readIfThere(out), JSON.parse(text))) return 0;
    stderr.write(`${out} is not what the routes of ${options.module} say: run the same command without --check\n`);
    return 1;
  } catch (error) {
    stderr.write(`${describeError(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function readIfThere(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

async function apisOf({
  module,
  exports: names,
}: OpenApiCommandOptions): Promise<readonly [ApiDefinition, ...ApiDefinition[]]> {
  const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(module)).href);
  const known = Object.keys(exported).filter((name) => isApi(exported[name]));
  const unknown = names.filter((name) => !known.includes(name));
  const [first, ...more] = (names.length === 0 ? known : names).map((name) => exported[name]).filter(isApi);
  if (first === undefined || unknown.length > 0) {
    const what = unknown.length > 0 ? `no API '${unknown.join("', '")}'` : 'no API';
    throw new UsageError(
      `${module} exports ${what}, a result of defineApi: choose from ${known.join(', ') || 'none that it has'}`,
    );
  }
  return [first, ...more];
}

/** By its members: the file may have another copy of Waybill. */
function isApi(value: unknown): value is ApiDefinition {
  if (typeof value !== 'object' || value === null || !('routes' in value) || !Array.isArray(value.routes)) return false;
  return value.routes.every((route: unknown) => typeof route === 'object' && route !== null && 'method' in route);
}
