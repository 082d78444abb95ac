import { describe, expect, it } from 'vitest';
import { inTime } from '../../../lib/shared/deadline.ts';

const late = () => new Error('too late');

describe('inTime', () => {
  it('waits for the work, and removes its listener from the signal', async () => {
    const { signal } = new AbortController();
    const listeners: string[] = [];
    signal.addEventListener = ((type: string) => void listeners.push(`+${type}`)) as typeof signal.addEventListener;
    signal.removeEventListener = ((type: string) =>
      void listeners.push(`-${type}`)) as typeof signal.removeEventListener;

    await inTime(Promise.resolve(), signal, late);

    expect(listeners).toStrictEqual(['+abort', '-abort']);
  });

  it('rejects with the error of the work', async () => {
    const work = Promise.reject(new Error('card refused'));

    await expect(inTime(work, new AbortController().signal, late)).rejects.toThrow('card refused');
  });

  it('rejects immediately if the signal is already aborted', async () => {
    await expect(inTime(new Promise(() => {}), AbortSignal.abort(), late)).rejects.toThrow('too late');
  });

  it('ignores work that continues after the signal, also if it fails later', async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', hear);
    const given = new AbortController();
    const work = Promise.withResolvers<void>();
    const outcome = inTime(work.promise, given.signal, late);

    given.abort();
    await expect(outcome).rejects.toThrow('too late');
    work.reject(new Error('later still'));
    await new Promise(setImmediate);
    process.off('unhandledRejection', hear);

    expect(unhandled).toStrictEqual([]);
  });
});
