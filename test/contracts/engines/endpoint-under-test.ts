import { randomUUID } from 'node:crypto';
import { afterAll, type RunnerTestCase, TestRunner } from 'vitest';

export type Service = 'DYNAMODB' | 'EVENTBRIDGE' | 'LAMBDA' | 'SQS';

/**
 * Whether the SDK's own variables name an endpoint for one of these services: `AWS_ENDPOINT_URL_SQS`, or
 * `AWS_ENDPOINT_URL` for all. Then the suites try that endpoint, with the SDK's own region and credentials, in place of
 * engines that they start themselves.
 */
export const isForeign = (...services: readonly Service[]): boolean =>
  ['AWS_ENDPOINT_URL', ...services.map((service) => `AWS_ENDPOINT_URL_${service}`)].some(
    (name) => (process.env[name] ?? '') !== '',
  );

/**
 * Leaves the running test out, by name and with the reason. Rigs call it where a test reaches for what an endpoint of
 * somebody else does not offer, so that nothing is left out that could have run.
 */
export function leaveOut(reason: string): never {
  const test = TestRunner.getCurrentTest<RunnerTestCase>();
  console.info(`left out: ${test.name}: ${reason}`);
  test.context.skip(reason);
  throw new Error(`the test goes on although it was left out: ${reason}`);
}

export const movesTime = (): never => leaveOut('it moves time');

export const looksInside = (): never => leaveOut('it looks into the engine');

/** What no other run's resources are called, and no other test's. */
export const uniquePrefix = (): string => `waybill-${randomUUID().slice(0, 8)}-`;

const leftovers: (() => Promise<unknown>)[] = [];

/** Runs once the file is through: a test that is left out half-way has no end of its own. */
export const removeLater = (remove: () => Promise<unknown>): void => void leftovers.push(remove);

afterAll(async () => {
  for (const remove of leftovers.splice(0)) await remove();
});
