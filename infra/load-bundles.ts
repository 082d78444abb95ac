import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type App, CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { ENV } from '../lib/definitions/index.ts';
import { leftOutAdvice } from './bundles/bundle-content.ts';
import { type ContentCache, digestOf, openCache } from './bundles/content-cache.ts';
import { asRecord, renderedProperties } from './constructs/rendered.ts';
import { WaybillFunction } from './constructs/waybill-function.ts';
import { isLocalRun } from './local-run.ts';
import { valueKnownAtDeployment } from './value-known-at-deployment.ts';

/**
 * Lambda gives a function ten seconds to initialize; build machines may be slower.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
const LOAD_TIMEOUT_MS = 60_000;

/**
 * Loads the bundle of every function of a synthesized app, each in a process of its own that has the template's variables,
 * as a cold start would. A bundle that was loaded before with the same variables is not loaded again.
 * @returns one sentence per bundle that cannot be loaded or exports no handler; none for stacks that were not bundled, and
 * none in the local run, which loads its bundles itself, or with `-c loadBundles=false`
 */
export async function bundleLoadProblems(app: App): Promise<readonly string[]> {
  if (isLocalRun(app) || isLeftOut(app)) return [];
  const cache = openCache(process.cwd(), 'loads');
  const waiting = app.node
    .findAll()
    .filter((each) => each instanceof WaybillFunction)
    .filter((each) => Stack.of(each).bundlingRequired);
  const problems: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const cause = await loadFailure(next, cache);
      if (cause !== undefined) problems.push(describe(next, cause));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return problems.toSorted();
}

/** The command line passes texts; cdk.json may hold either. */
const isLeftOut = (app: App): boolean => ['false', false].includes(app.node.tryGetContext('loadBundles'));

const describe = (failing: WaybillFunction, cause: string): string =>
  `function '${failing.node.path}' cannot be started: its bundle of '${failing.entry}' ${cause}`;

interface Loadable {
  readonly file: string;
  /** Name of the export. */
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
}

function loadableOf(loaded: WaybillFunction): Loadable {
  const { defaultChild } = loaded.node;
  if (!CfnResource.isCfnResource(defaultChild)) {
    throw new TypeError(`'${loaded.node.path}' has no CloudFormation resource of its own`);
  }
  const { Code, Handler, Environment } = renderedProperties(defaultChild);
  const asset = String(asRecord(Code)['S3Key']).replace(/\.zip$/, '');
  const [module = '', handler = ''] = String(Handler).split('.');
  const variables = asRecord(asRecord(Environment)['Variables']);
  return {
    file: join(Stage.of(loaded)?.assetOutdir ?? '', `asset.${asset}`, `${module}.mjs`),
    handler,
    variables: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, valueKnownAtDeployment(loaded, value)]),
    ),
  };
}

/** Marks the result in the output, because bundles may print anything. */
const MARK = 'waybill-load:';

const scriptFor = ({ file, handler }: Loadable): string => `
const tell = (text) => { process.stderr.write('\\n${MARK}' + JSON.stringify(text) + '\\n'); process.exit(1); };
try {
  const found = typeof (await import(${JSON.stringify(pathToFileURL(file).href)}))[${JSON.stringify(handler)}];
  if (found !== 'function') tell('exports ' + ${JSON.stringify(handler)} + ' as ' + found + ': export const ' + ${JSON.stringify(handler)} + ' = async (event, context) => …');
} catch (error) {
  tell('fails when it is loaded: ' + (error instanceof Error ? error.name + ': ' + error.message : String(error)));
}
process.exit(0);
`;

/** The function only gets variables from its template, none of this process. */
const AROUND = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_LAMBDA_FUNCTION_NAME: 'loaded-at-synth',
  // no service listens there: a bundle that makes calls while loading must not reach an account
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  [ENV.loadedAtSynth]: 'true',
};

async function loadFailure(loaded: WaybillFunction, cache: ContentCache): Promise<string | undefined> {
  const loadable = loadableOf(loaded);
  const environment = { ...AROUND, ...loadable.variables };
  const key = digestOf(
    process.version,
    readFileSync(loadable.file),
    JSON.stringify([loadable.handler, Object.entries(environment).toSorted()]),
  );
  if (cache.read(key) !== undefined) return undefined;
  const { failed, output } = await run(scriptFor(loadable), environment);
  if (!failed) {
    cache.write(key, new Uint8Array());
    return undefined;
  }
  const told = new RegExp(`^${MARK}(.*)$`, 'm').exec(output)?.[1];
  const cause = told === undefined ? `ends its process: ${lastLine(output)}` : String(JSON.parse(told));
  const advice = leftOutAdvice(cause);
  return advice === undefined ? cause : `${cause}; ${advice}`;
}

const lastLine = (output: string): string => output.trim().split('\n').at(-1) ?? '';

const run = (script: string, env: Readonly<Record<string, string>>) =>
  new Promise<{ readonly failed: boolean; readonly output: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { env: { ...env }, timeout: LOAD_TIMEOUT_MS, killSignal: 'SIGKILL' },
      (error, _stdout, stderr) =>
        resolve({
          failed: error !== null,
          output: error?.killed === true ? `it was not loaded within ${LOAD_TIMEOUT_MS / 1000} seconds` : stderr,
        }),
    );
  });
