import type { Foundation } from './foundation.ts';
import type { Operator } from './operator.ts';
import type { Publishing } from './publishing.ts';
import type { Bus } from './services/bus.ts';
import { type AtRest, wrongInTheEnd } from './whereabouts.ts';

export interface RecoveryDeps {
  readonly base: Foundation;
  readonly atRest: AtRest;
  readonly operator: Operator;
  readonly bus: Bus;
  readonly publishing: Publishing;
  /** @returns whether all is well */
  readonly comeToRest: () => Promise<boolean>;
  readonly accuse: (what: string) => void;
}

/** A redrive may bring back what then fails for good, and what was waiting behind it. */
const ROUNDS = 5;

const A_WHILE_MS = 10_000;

/** From the last fault on: publishes, redelivers, redrives and skips until nothing is left to do, and looks. */
export async function recover({
  base,
  atRest,
  operator,
  bus,
  publishing,
  comeToRest,
  accuse,
}: RecoveryDeps): Promise<void> {
  const { sites, witness } = atRest;
  base.trace('the last fault is over: recovering');
  base.dealer.stop();
  for (let round = 1; round <= ROUNDS; round++) {
    publishing.mendQuarantined();
    // the sweeper leaves young events to the relay
    base.sim.after(A_WHILE_MS, publishing.sweep);
    if (!(await comeToRest())) return;
    bus.redeliver();
    for (const site of sites) {
      // what no code takes any more sets its group going once, and goes back into the DLQ
      operator.redrive(site, (event) => round === 1 || site.takes(event));
      for (const group of operator.groups()) operator.audit(site, group);
      site.purged.clear();
    }
    if (!(await comeToRest())) return;
    if ([...wrongInTheEnd(atRest)].length === 0) return;
    // what still fails fails for good: strict groups step over it, the rest gets a new deployment
    for (const site of sites) {
      for (const group of operator.groups()) {
        if (witness.cursorOf(site, group)?.blockedBy !== undefined) operator.skip(site, group);
      }
      if (round > 1) site.tempers.mendAll();
    }
    if (!(await comeToRest())) return;
  }
  for (const what of wrongInTheEnd(atRest)) accuse(what);
}
