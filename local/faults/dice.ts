import { hash } from 'node:crypto';

/** Chance that depends on the seed and on what is decided, not on when. */
export interface Dice {
  /** From 0 up to, not including, 1: always the same for one subject. */
  draw(subject: string): number;
  /** A whole number from 1 to `most`. */
  pick(subject: string, most: number): number;
  /** The index of one of `count` things. */
  choose(subject: string, count: number): number;
  /**
   * Whether this opportunity is hit. Opportunities are counted by subject: of each `oneIn` that follow each other,
   * exactly one is, so that a short run sees its share of faults too.
   */
  next(subject: string, oneIn: number): boolean;
}

export function createDice(seed: number): Dice {
  const counts = new Map<string, number>();
  const draw = (subject: string): number => hash('md5', `${seed} ${subject}`, 'buffer').readUInt32BE() / 2 ** 32;
  const choose = (subject: string, count: number) => Math.floor(draw(subject) * count);

  return {
    draw,
    choose,
    pick: (subject, most) => 1 + choose(subject, most),
    next(subject, oneIn) {
      const count = counts.get(subject) ?? 0;
      counts.set(subject, count + 1);
      const round = Math.floor(count / oneIn);
      return count % oneIn === choose(`${subject} round ${round}`, oneIn);
    },
  };
}
