import type { FaultKind, FaultPlan } from './fault-kinds.ts';

/** Deals the planned faults out to the steps of a run. */
export interface Dealer {
  /** Counts a step. @returns the fault that strikes it */
  deal(can: (kind: FaultKind) => boolean): FaultPlan | undefined;
  /** No fault strikes from now on. */
  stop(): void;
  /** Notes something that the plan has done otherwise. */
  count(kind: string): void;
  /** How often each kind has struck. */
  readonly struck: ReadonlyMap<string, number>;
  /** Whether any planned fault has struck. */
  readonly hasStruck: () => boolean;
}

export function createDealer(plan: readonly FaultPlan[]): Dealer {
  const open = [...plan].sort((a, b) => a.step - b.step);
  const struck = new Map<string, number>();
  let step = 0;
  let any = false;

  const count = (kind: string) => void struck.set(kind, (struck.get(kind) ?? 0) + 1);

  return {
    deal(can) {
      step += 1;
      for (const [index, fault] of open.entries()) {
        if (fault.step > step) return undefined;
        if (!can(fault.kind)) continue;
        open.splice(index, 1);
        any = true;
        count(fault.kind);
        return fault;
      }
      return undefined;
    },
    stop: () => void open.splice(0),
    count,
    struck,
    hasStruck: () => any,
  };
}
