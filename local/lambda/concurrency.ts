/** Invocations that run at a time; those beyond wait for their turn. */
export interface Concurrency {
  /** Waits while as many run as may. @throws the refusal of `drain` or `end` */
  acquire(): Promise<void>;
  /** The turn goes to who waits longest. */
  release(): void;
  /** Lets in whom it can, and tells the listeners when somebody else could start. */
  admit(): void;
  /** How many could start at once. */
  free(): number;
  /** Calls `listener` once, as soon as somebody could start at once. */
  onceFree(listener: () => void): void;
  /** Those that run or wait. */
  inFlight(): number;
  /** Nobody comes in from now on; settles when those who run have ended. Those who wait still get their turn. */
  drain(refusal: () => Error): Promise<void>;
  /** Nobody comes in from now on, nor do those who wait. */
  end(refusal: () => Error): void;
  isOpen(): boolean;
}

interface Waiting {
  readonly proceed: () => void;
  readonly refuse: (error: Error) => void;
}

export function createConcurrency(most: number): Concurrency {
  const waiting: Waiting[] = [];
  const freeListeners: (() => void)[] = [];
  let running = 0;
  let refusal: (() => Error) | undefined;
  let onDrained: (() => void) | undefined;

  const admit = () => {
    while (running < most) {
      const next = waiting.shift();
      if (next === undefined) break;
      running++;
      next.proceed();
    }
    if (running < most) for (const listener of freeListeners.splice(0)) listener();
  };

  const shut = (refuse: () => Error) => {
    refusal = refuse;
    freeListeners.length = 0;
  };

  return {
    admit,
    async acquire() {
      if (refusal !== undefined) throw refusal();
      if (running < most) running++;
      else await new Promise<void>((proceed, refuse) => waiting.push({ proceed, refuse }));
    },
    release() {
      running--;
      admit();
      if (running === 0) onDrained?.();
    },
    free: () => Math.max(most - running, 0),
    onceFree: (listener) => void freeListeners.push(listener),
    inFlight: () => running + waiting.length,
    async drain(refuse) {
      shut(refuse);
      if (running === 0) return;
      await new Promise<void>((resolve) => {
        onDrained = resolve;
      });
    },
    end(refuse) {
      shut(refuse);
      for (const each of waiting.splice(0)) each.refuse(refuse());
    },
    isOpen: () => refusal === undefined,
  };
}

/** Works in a turn of its own, which `work` may give back before it has ended: what waits for time needs none. */
export async function inTurn<Result>(
  turns: Pick<Concurrency, 'acquire' | 'release'>,
  work: (giveBack: () => void) => Promise<Result>,
): Promise<Result> {
  await turns.acquire();
  let isTaken = true;
  const release = () => {
    if (isTaken) turns.release();
    isTaken = false;
  };
  try {
    return await work(release);
  } finally {
    release();
  }
}
