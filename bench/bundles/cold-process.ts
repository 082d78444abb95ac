import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { SourceTextModule, SyntheticModule } from 'node:vm';

/** What an environment does before and with its first events, in milliseconds of CPU. */
export interface ColdStart {
  /** Compiling the bundle, and Node's own modules that it imports. */
  readonly load: number;
  /** Evaluating it: every module of the bundle, and the composition root. */
  readonly init: number;
  /** Of each event that it was given, one after another. */
  readonly calls: readonly number[];
}

/** Loads the bundle that is named, calls its handler with each event of stdin's JSON array, and prints what it took. */
const [file = ''] = process.argv.slice(2);
const events: readonly unknown[] = JSON.parse(await text(process.stdin));
const print = (result: ColdStart) => process.stdout.write(`${JSON.stringify(result)}\n`);

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const source = readFileSync(file, 'utf8');
const url = pathToFileURL(file).href;
const startedAt = cpuMs();
const bundle = new SourceTextModule(source, {
  identifier: url,
  initializeImportMeta: (meta) => Object.assign(meta, { url, filename: file, dirname: dirname(file) }),
  // of Node's own modules: the bundle holds all others
  importModuleDynamically: (specifier) => import(specifier),
});
await bundle.link(async (specifier) => {
  const found: Record<string, unknown> = await import(specifier);
  const names = Object.keys(found);
  return new SyntheticModule(names, function setAll() {
    for (const name of names) this.setExport(name, found[name]);
  });
});
const loadedAt = cpuMs();
await bundle.evaluate();
const readyAt = cpuMs();

const { handler } = bundle.namespace as { readonly handler: (event: unknown, context: unknown) => Promise<unknown> };
const context = {
  functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:bench',
  memoryLimitInMB: '512',
  awsRequestId: 'request',
  getRemainingTimeInMillis: () => 30_000,
};
const calls: number[] = [];
for (const event of events) {
  const before = cpuMs();
  const answer = await handler(event, context);
  calls.push(cpuMs() - before);
  const failed = (answer as { readonly batchItemFailures?: readonly unknown[] } | undefined)?.batchItemFailures;
  if (failed !== undefined && failed.length > 0) throw new Error('the handler gave a record back');
}
print({ load: loadedAt - startedAt, init: readyAt - loadedAt, calls });
process.exit(0);
