import { delimiter } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { bundleConditions } from '../project.ts';
import { STACK_TRACES_OF_SOURCES } from './stack-traces.ts';

/**
 * Credential sources of a developer's machine, and of containers. The SDK's default chain loads them one by one, on demand, and in
 * Lambda it stops at the first one, the environment: these are never reached, and cost every bundle over 100 KB.
 */
const NEVER_LOADED_IN_LAMBDA: readonly string[] = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/nested-clients',
  '@aws-sdk/token-providers',
  '@smithy/credential-provider-imds',
];

/** Some 20 KB that the clients of DynamoDB, SQS, EventBridge and the Scheduler load on demand, and never need. */
const EVENT_STREAMS = '@smithy/core/event-streams';

/**
 * What a CommonJS module finds around itself, and an ES module does not. esbuild turns a CommonJS package's `require` of a
 * Node built-in into a call of the surrounding `require`; without one, the function fails at each cold start. The
 * bundle's own names cannot clash with these: minified names are shorter.
 * @see https://nodejs.org/api/module.html#modulecreaterequirefilename
 */
const COMMONJS_SHIM =
  "import{createRequire as __createRequire}from'node:module';" +
  'const require=__createRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;';

export interface BundleContent {
  /**
   * Packages that bundles leave out since nothing loads them in Lambda, and that this function's code imports itself:
   * `['@aws-sdk/nested-clients']` for `fromTemporaryCredentials`. Synth names one that is missing.
   * @default - none
   */
  readonly alsoBundle?: readonly string[];
  /**
   * False saves some 20 KB. Clients that can read event streams (S3, Lambda, Kinesis, Bedrock) cannot be loaded then.
   * @default true
   */
  readonly eventStreams?: boolean;
}

/** How a bundle is built, without its entry. It can be written as JSON, and equal options are equal as JSON. */
export type BundleOptions = Readonly<
  Required<
    Pick<
      BuildOptions,
      | 'platform'
      | 'format'
      | 'target'
      | 'mainFields'
      | 'conditions'
      | 'external'
      | 'nodePaths'
      | 'banner'
      | 'minify'
      | 'keepNames'
      | 'sourcemap'
      | 'sourcesContent'
    >
  >
>;

/** One ES module per function, with all dependencies: what was tested is what runs. */
export const bundleOptions = ({ alsoBundle = [], eventStreams = true }: BundleContent): BundleOptions => ({
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // a package's ES module build can be tree-shaken; its CommonJS build cannot
  mainFields: ['module', 'main'],
  conditions: [...bundleConditions],
  external: [
    ...NEVER_LOADED_IN_LAMBDA.filter((name) => !alsoBundle.includes(name)),
    ...(eventStreams ? [] : [EVENT_STREAMS]),
  ],
  // only esbuild's own command reads the variable by itself
  nodePaths: (process.env['NODE_PATH'] ?? '').split(delimiter).filter((path) => path !== ''),
  banner: { js: COMMONJS_SHIM + STACK_TRACES_OF_SOURCES },
  minify: true,
  // errors are logged and matched by their class names, also after minification
  keepNames: true,
  sourcemap: true,
  // positions are enough for a stack trace
  sourcesContent: false,
});

/** What to do about a package that a bundle could not resolve; undefined if it is not one of the excluded packages. */
export function leftOutAdvice(message: string): string | undefined {
  // Node names the package, not the path in it
  if (message.includes("'@smithy/core'")) return 'eventStreams is false here: leave it out, or set it to true';
  const name = NEVER_LOADED_IN_LAMBDA.find((each) => message.includes(`'${each}'`));
  return name === undefined ? undefined : `bundles leave that package out: set alsoBundle: ['${name}']`;
}

export function bundleProblem({ alsoBundle = [] }: BundleContent): string | undefined {
  const unknown = alsoBundle.filter((name) => !NEVER_LOADED_IN_LAMBDA.includes(name));
  return unknown.length === 0
    ? undefined
    : `alsoBundle must name packages that bundles leave out, got '${unknown.join("', '")}': every other package is bundled anyway; choose from ${NEVER_LOADED_IN_LAMBDA.join(', ')}`;
}
