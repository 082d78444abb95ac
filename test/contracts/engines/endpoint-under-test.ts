import { randomUUID } from 'node:crypto';
import { expect, type RunnerTestCase, TestRunner } from 'vitest';

type Service = 'DYNAMODB' | 'EVENTBRIDGE' | 'LAMBDA' | 'S3' | 'SCHEDULER' | 'SECRETS_MANAGER' | 'SQS' | 'SSM';

/**
 * Whether the SDK's own variables name an endpoint for a service: `AWS_ENDPOINT_URL_SQS`, or `AWS_ENDPOINT_URL` for
 * all. Then the suites try that endpoint, with the SDK's own region and credentials, in place of engines that they start
 * themselves.
 */
export function isForeign(service: Service): boolean {
  const { AWS_ENDPOINT_URL: forAll, [`AWS_ENDPOINT_URL_${service}`]: forOne } = process.env;
  // clients would go to AWS itself
  if (process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return false;
  return [forAll, forOne].some((url) => url !== undefined && url !== '');
}

/**
 * Leaves the running test out, by name and with the reason. Rigs call it where a test reaches for what an endpoint of
 * somebody else does not offer, so that nothing is left out that could have run.
 */
function leaveOut(reason: string): never {
  const test = TestRunner.getCurrentTest<RunnerTestCase>();
  console.info(`left out: ${test.name}: ${reason}`);
  test.context.skip(reason);
  throw new Error(`the test goes on although it was left out: ${reason}`);
}

/** For a test, or the `beforeEach` of many, that nothing else would leave out. */
export function needsOwnEngine(service: Service, reason: string): void {
  if (isForeign(service)) leaveOut(reason);
}

export const movesTime = (): never => leaveOut('it moves time');

export const looksInside = (): never => leaveOut('it looks into the engine');

/** By file of tests. */
const prefixes = new Map<string, string>();

/** A name that no other run and no other file uses, where others might see it; as it is on engines of the test's own. */
export function sharedName(service: Service, name: string): string {
  if (!isForeign(service)) return name;
  const { testPath = '' } = expect.getState();
  const prefix = prefixes.get(testPath) ?? `waybill-${randomUUID().slice(0, 8)}-`;
  prefixes.set(testPath, prefix);
  return prefix + name;
}
