import type { EngineClock } from '../../clock.ts';

export interface Pauses {
  /** Settles after `ms`, or as soon as all pauses are cut short. */
  wait(ms: number): Promise<void>;
  cutShort(): void;
}

/** Waiting that can be ended early, so that a stopped mapping leaves no timer. */
export function createPauses(clock: EngineClock): Pauses {
  const endings = new Set<() => void>();
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const end = () => {
          cancel();
          endings.delete(end);
          resolve();
        };
        const cancel = clock.schedule(ms, end);
        endings.add(end);
      }),
    cutShort() {
      for (const end of [...endings]) end();
    },
  };
}
