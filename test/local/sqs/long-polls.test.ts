import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { createLongPolls } from '../../../local/sqs/long-polls.ts';

const setup = () => {
  const clock = createMovableClock(() => 0);
  const available: string[] = [];
  let changeAt: number | undefined;
  let tries = 0;
  const polls = createLongPolls<string, string>({
    clock,
    tryServe: (poll) => {
      tries += 1;
      const found = available.shift();
      if (found === 'broken') throw new Error('broken');
      return found === undefined ? undefined : `${poll}: ${found}`;
    },
    nextChangeAt: () => changeAt,
  });
  return { clock, available, polls, tries: () => tries, changeAt: (at: number | undefined) => (changeAt = at) };
};

describe('long polls', () => {
  it('serves the first come first, and leaves the others waiting', async () => {
    const { available, polls } = setup();
    const first = polls.wait('first', 1_000);
    const second = polls.wait('second', 1_000);

    available.push('a');
    polls.serve();
    polls.end();

    expect(await first).toBe('first: a');
    expect(await second).toBeUndefined();
  });

  it('wakes at the time of the next change, and at no other', async () => {
    const { clock, available, polls, tries, changeAt } = setup();
    changeAt(500);
    const waiting = polls.wait('poll', 1_000);
    available.push('a');

    clock.advance(499);
    const triesBefore = tries();
    clock.advance(1);

    expect(triesBefore).toBe(0);
    expect(await waiting).toBe('poll: a');
  });

  it('wakes earlier if a change is scheduled before the next one', async () => {
    const { clock, available, polls, changeAt } = setup();
    changeAt(500);
    const waiting = polls.wait('poll', 1_000);
    changeAt(200);
    polls.serve();
    available.push('a');

    clock.advance(200);

    expect(await waiting).toBe('poll: a');
  });

  it('fails a poll that throws, and serves the next', async () => {
    const { available, polls } = setup();
    const broken = expect(polls.wait('first', 1_000)).rejects.toThrow(new Error('broken'));
    const served = polls.wait('second', 1_000);

    available.push('broken', 'a');
    polls.serve();

    await broken;
    expect(await served).toBe('second: a');
  });

  it('does not wake after all polls have ended', () => {
    const { clock, polls, tries, changeAt } = setup();
    changeAt(500);
    void polls.wait('poll', 100);

    clock.advance(1_000);

    expect(tries()).toBe(0);
  });
});
