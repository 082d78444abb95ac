import type { ExternalFault } from './external-faults.ts';
import type { SystemName } from './foreign-system.ts';

/** Faults that somebody asked for, each for the next requests of one system. */
export interface RequestedFaults {
  /** @param times how many requests it hits, one after another. @default 1 */
  add(system: SystemName, fault: ExternalFault, times?: number): void;
  /** @param canBear whether the request can be disturbed so. @default all can */
  take(system: SystemName, canBear?: (fault: ExternalFault) => boolean): ExternalFault | undefined;
  clear(): void;
  list(): readonly { readonly system: SystemName; readonly fault: ExternalFault; readonly times: number }[];
}

export function createRequestedFaults(): RequestedFaults {
  let waiting: { readonly system: SystemName; readonly fault: ExternalFault; times: number }[] = [];
  return {
    add: (system, fault, times = 1) => void waiting.push({ system, fault, times }),
    take(system, canBear = () => true) {
      const next = waiting.find((one) => one.system === system && canBear(one.fault));
      if (next === undefined) return undefined;
      next.times -= 1;
      if (next.times === 0) waiting = waiting.filter((one) => one !== next);
      return next.fault;
    },
    clear() {
      waiting = [];
    },
    list: () => waiting.map((one) => ({ ...one })),
  };
}
