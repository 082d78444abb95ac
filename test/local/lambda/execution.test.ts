import { describe, expect, it } from 'vitest';
import { openLambda } from './lambda-under-test.ts';

describe('an execution environment', () => {
  it('keeps the state of a module between invocations while warm', async () => {
    await using host = openLambda();
    const counter = host.add('let calls = 0; export const handler = async () => ++calls;');

    await host.call(counter);
    await host.call(counter);
    const third = await host.call(counter);

    expect(third).toBe(3);
  });
  it('reads a CommonJS bundle below a package of ES modules', async () => {
    await using host = openLambda();
    const plain = host.add('exports.handler = async (event) => ({ got: event.n });', {}, 'index.js');

    const result = await host.call(plain, { n: 5 });

    expect(result).toEqual({ got: 5 });
  });
});
