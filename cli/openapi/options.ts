import { readArguments } from '../../local/start/arguments.ts';
import { helpOf } from '../../local/start/run-options.ts';
import { UsageError } from '../usage-error.ts';

export interface OpenApiCommandOptions {
  /** The file that exports the APIs, from the current folder. */
  readonly module: string;
  /** Names of exports. @default - every API that the file exports */
  readonly exports: readonly string[];
  readonly issuer: string | undefined;
  readonly serverUrl: string | undefined;
  /** The file to write, or to compare with. @default - stdout */
  readonly out: string | undefined;
  /** Only compare. */
  readonly check: boolean;
}

export type OpenApiCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'run'; readonly options: OpenApiCommandOptions };

export const OPENAPI_OPTIONS = {
  export: { value: 'NAME', text: 'only this API of the file', without: 'every API that it exports' },
  issuer: { value: 'URL', text: 'issuer of access tokens', without: 'a bearer token' },
  server: { value: 'URL', text: 'where the API answers', without: 'none' },
  out: { value: 'FILE', text: 'write into this file', without: 'stdout' },
  check: { text: 'write nothing; fail if the file is not what it would become' },
  help: { short: 'h', text: 'show this' },
} as const;

const USAGE = 'openapi MODULE [--export NAME] [--issuer URL] [--server URL] [--out FILE [--check]]';

/**
 * Reads the command line.
 * @throws UsageError `OPS_USAGE` listing all problems, and the allowed values
 */
export function readOpenApiCommand(args: readonly string[]): OpenApiCommand {
  const given = readArguments(OPENAPI_OPTIONS, args, { command: 'openapi', usage: USAGE });
  if (given.has('help')) return { kind: 'help' };
  const [module, ...more] = given.positionals.filter((word) => !given.isOfUnknownOption(word));
  for (const word of more) given.refuse(`unexpected argument '${word}'`);
  if (module === undefined) given.refuse(`openapi needs the file that exports the API: ${USAGE}`);
  const out = given.text('out');
  const check = given.has('check');
  if (check && out === undefined) given.refuse('--check needs --out FILE, the file to compare with');
  const issuer = urlOf('issuer');
  const serverUrl = urlOf('server');
  if (given.problems.length > 0) throw new UsageError(given.problems.join('; '));
  const name = given.text('export');
  return {
    kind: 'run',
    options: { module: module ?? '', exports: name === undefined ? [] : [name], issuer, serverUrl, out, check },
  };

  function urlOf(option: 'issuer' | 'server'): string | undefined {
    const text = given.text(option);
    if (text !== undefined && !URL.canParse(text)) given.refuse(`--${option} must be a URL, got '${text}'`);
    return text;
  }
}

const EXAMPLES = [
  ['npx waybill openapi functions/orders-api/routes.ts --out docs/openapi.json', 'write the description'],
  ['npx waybill openapi functions/orders-api/routes.ts --out docs/openapi.json --check', 'in a build: has it drifted?'],
] as const;

const STATUSES = [
  ['0', 'done; with --check, the file is up to date'],
  ['1', 'the file has drifted, or cannot be read, or a schema cannot be described'],
  ['2', 'the command line is wrong'],
] as const;

/** The output of `openapi --help`. */
export const openApiHelp = (): string =>
  helpOf({
    purpose: 'Describes the routes of the APIs that a file exports (defineApi) in OpenAPI 3.1.',
    usage: `npx waybill ${USAGE}`,
    options: OPENAPI_OPTIONS,
    examples: EXAMPLES,
    statuses: STATUSES,
  });
