import { describe, expect, it } from 'vitest';
import { inTime } from '../../../lib/shared/deadline.ts';

const late = () => new Error('too late');

describe('inTime', () => {
  it('waits for the work, and leaves nothing at the signal', async () => {
    const { signal } = new AbortController();
    const listeners: string[] = [];
    signal.addEventListener = ((type: string) => void listeners.push(`+${type}`)) as typeof signal.addEventListener;
    signal.removeEventListener = ((type: string) =>
      void listeners.push(`-${type}`)) as typeof signal.removeEventListener;

    await inTime(Promise.resolve(), signal, late);

    expect(listeners).toStrictEqual(['+abort', '-abort']);
  });

  it('rejects with what the work throws', async () => {
    const work = Promise.reject(new Error('card refused'));

    await expect(inTime(work, new AbortController().signal, late)).rejects.toThrow('card refused');
  });

  it('rejects at once when the signal has fired before', async () => {
    await expect(inTime(new Promise(() => {}), AbortSignal.abort(), late)).rejects.toThrow('too late');
  });

  it('leaves work alone that outlives the signal, also when it fails then', async () => {
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
