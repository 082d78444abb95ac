import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { deferUndici } from './deferred-undici.ts';

/**
 * What Lambda's Node.js runtimes have installed: bundlers leave it out of a function's code by default.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included
 */
const PROVIDED = /^@(aws-sdk|smithy)\//;

const requireHere = createRequire(import.meta.url);

/**
 * Lets a function's code import the AWS SDK that the runtime provides: here it is the one beside Waybill. A version that
 * the code brings along comes first, as in Lambda. What is not here either is reported as missing from the code.
 */
export function provideModules(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === 'node:http' || specifier === 'http') deferUndici();
      const resolveHere = () =>
        context.conditions.includes('require')
          ? { url: pathToFileURL(requireHere.resolve(specifier)).href, shortCircuit: true }
          : nextResolve(specifier, { ...context, parentURL: import.meta.url });
      try {
        return nextResolve(specifier, context);
      } catch (missing) {
        if (PROVIDED.test(specifier) && context.parentURL !== import.meta.url) return attempt(resolveHere, missing);
        throw missing;
      }
    },
  });
}

function attempt<Result>(work: () => Result, otherwise: unknown): Result {
  try {
    return work();
  } catch {
    throw otherwise;
  }
}
