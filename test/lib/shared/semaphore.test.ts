import { describe, expect, it } from 'vitest';
import { createSemaphore } from '../../../lib/shared/semaphore.ts';

describe('createSemaphore', () => {
  it('runs tasks in the order of their requests, never more than there are slots', async () => {
    const slots = createSemaphore(2);
    const timeline: string[] = [];
    const gates = new Map<string, () => void>();
    const task = (name: string) => async () => {
      timeline.push(`begin ${name}`);
      await new Promise<void>((resolve) => gates.set(name, resolve));
      timeline.push(`end ${name}`);
      return name;
    };
    const turn = () => new Promise((resolve) => setImmediate(resolve));

    const results = Promise.all(['a', 'b', 'c'].map((name) => slots.run(task(name))));
    await turn();
    gates.get('b')?.();
    await turn();
    gates.get('a')?.();
    gates.get('c')?.();

    expect(await results).toEqual(['a', 'b', 'c']);
    expect(timeline).toEqual(['begin a', 'begin b', 'end b', 'begin c', 'end a', 'end c']);
  });

  it('gives the slot of a task that failed to the next', async () => {
    const slots = createSemaphore(1);

    const failing = slots.run(async () => {
      throw new RangeError('forced');
    });
    const next = slots.run(async () => 'next');

    await expect(failing).rejects.toThrow(RangeError);
    expect(await next).toBe('next');
  });
});
