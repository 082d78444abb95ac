import { type BundlingOptions, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/**
 * Credential sources of a developer's machine, and of containers. The SDK's default chain loads them one by one, on demand, and in
 * Lambda it stops at the first one, the environment: these are never reached, and cost every bundle over 100 KB.
 */
const NEVER_LOADED_IN_LAMBDA = [
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

/** One ES module per function with everything in it, the SDK included: what was tested is what runs. */
export const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  target: 'node24',
  // a package's ES module build can be tree-shaken; its CommonJS build cannot
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: false,
  sourceMap: true,
  // Node reads the map at start; positions are enough for a stack trace
  sourcesContent: false,
  externalModules: NEVER_LOADED_IN_LAMBDA,
};
