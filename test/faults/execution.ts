import type { Dealer } from './dealer.ts';
import { befallsAnyCall, type FaultKind, type FaultPlan } from './fault-kinds.ts';
import type { Simulation } from './simulation.ts';
import type { Trace } from './trace.ts';

/** A process while it works on one thing: it may end, or lose time, at any of its calls. */
export interface Execution {
  readonly name: string;
  /**
   * One I/O step: the request travels, is applied, and the answer travels back.
   * @param variants what the service may do instead, by kind of fault
   */
  call<Answer>(
    step: string | (() => string),
    apply: () => Answer | Promise<Answer>,
    variants?: Variants<Answer>,
  ): Promise<Answer>;
  sleep(delayMs: number): Promise<void>;
  /** Nothing of it goes on; what has left it may still arrive. */
  die(): void;
  isDead(): boolean;
  /** Whether a time-out leaves it running. */
  lingers(): boolean;
}

export type Variants<Answer> = Partial<Record<FaultKind, (fault: FaultPlan) => Answer | Promise<Answer>>>;

export interface ExecutionDeps {
  readonly sim: Simulation;
  readonly dealer: Dealer;
  readonly trace: Trace;
}

const never = <Answer>(): Promise<Answer> => new Promise(() => undefined);

/** What an SDK throws when it has given up. */
const serviceTrouble = (step: string) =>
  Object.assign(new Error(`${step}: no answer, or one of trouble`), { name: 'ServiceTrouble' });

export function createExecution(name: string, { sim, dealer, trace }: ExecutionDeps, onDeath = () => {}): Execution {
  let dead = false;
  let lingers = false;
  const latencyMs = () => sim.between(1, 12);

  const die = () => {
    if (dead) return;
    dead = true;
    onDeath();
  };

  return {
    name,
    die,
    isDead: () => dead,
    lingers: () => lingers,

    sleep: (delayMs) => (dead ? never() : new Promise((resolve) => sim.after(delayMs, () => !dead && resolve()))),

    call<Answer>(
      what: string | (() => string),
      apply: () => Answer | Promise<Answer>,
      variants: Variants<Answer> = {},
    ): Promise<Answer> {
      if (dead) return never();
      const fault = dealer.deal((kind) => befallsAnyCall(kind) || variants[kind] !== undefined);
      const kind = fault?.kind;
      const step = () => (typeof what === 'string' ? what : what());
      trace(() => `${name}: ${step()}${kind === undefined ? '' : ` (${kind})`}`);
      if (kind === 'crash before') {
        die();
        return never();
      }
      if (kind === 'stalled, lingers') lingers = true;
      const stallMs = kind === 'stalled' || kind === 'stalled, lingers' ? (fault?.ms ?? 0) : 0;

      return new Promise<Answer>((resolve, reject) => {
        const answer = (settle: () => void) => sim.after(latencyMs(), () => !dead && settle());
        const arrive = () => {
          // a process may end after its request has left
          if (dead && sim.random() < 0.5) return;
          if (kind === 'refused') return answer(() => reject(serviceTrouble(step())));
          const variant = kind && variants[kind];
          const outcome = settledBy(fault && variant ? () => variant(fault) : apply);
          if (kind === 'crash after') return die();
          if (kind === 'answer lost') return answer(() => reject(serviceTrouble(step())));
          const told = kind === 'sent twice' ? settledBy(apply) : outcome;
          return answer(() => told.then(resolve, reject));
        };
        sim.after(latencyMs() + stallMs, arrive);
      });
    },
  };
}

/** Applies it now; what it throws, or comes to, is looked at later. */
function settledBy<Answer>(apply: () => Answer | Promise<Answer>): Promise<Answer> {
  let outcome: Promise<Answer>;
  try {
    outcome = Promise.resolve(apply());
  } catch (error) {
    outcome = Promise.reject(error);
  }
  outcome.catch(() => undefined);
  return outcome;
}
