import { describe, expect, it } from 'vitest';
import { readParts } from '../../../lib/http/read-parts.ts';
import { createSilentLogger } from '../../../lib/testing/index.ts';

const log = createSilentLogger('orders');

/** A deadline that the test lets pass. */
function createDeadline() {
  const controller = new AbortController();
  return { pass: () => controller.abort(), timeoutSignal: () => controller.signal };
}

const never = () => new Promise<never>(() => undefined);

describe('parts of a page', () => {
  it('are all there if each is in time', async () => {
    const { timeoutSignal } = createDeadline();
    const { signal } = new AbortController();

    expect(
      await readParts(
        { order: async () => ({ orderId: '7' }), parcel: async () => undefined },
        { deadlineMs: 300, signal, log, timeoutSignal },
      ),
    ).toStrictEqual({ values: { order: { orderId: '7' }, parcel: undefined }, partial: [] });
  });

  it('are named where one is late or has failed', async () => {
    const { pass, timeoutSignal } = createDeadline();
    const { signal } = new AbortController();
    const signals: AbortSignal[] = [];
    const reading = readParts(
      {
        order: async () => '7',
        parcel: (given) => {
          signals.push(given);
          return never();
        },
        points: async () => {
          throw new Error('no points');
        },
      },
      { deadlineMs: 300, signal, log, timeoutSignal },
    );
    await new Promise(setImmediate);
    pass();

    expect(await reading).toStrictEqual({ values: { order: '7' }, partial: ['parcel', 'points'] });
    expect(signals.map(({ aborted }) => aborted)).toStrictEqual([true]);
  });

  it('fail the answer where one is required', async () => {
    const { pass, timeoutSignal } = createDeadline();
    const options = { deadlineMs: 300, signal: new AbortController().signal, log, timeoutSignal };
    const late = readParts({ order: never }, { ...options, required: ['order'] });
    pass();

    await expect(late).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      status: 503,
      detail: "'order' was not there within 300 ms",
    });
    await expect(
      readParts(
        {
          order: async () => {
            throw new Error('denied');
          },
        },
        { ...options, timeoutSignal: () => new AbortController().signal, required: ['order'] },
      ),
    ).rejects.toThrow('denied');
  });
});
