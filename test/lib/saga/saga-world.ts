import type { SagaDefinition, SagaStep } from '../../../lib/definitions/index.ts';
import { stepsOf } from '../../../lib/definitions/index.ts';
import { decide } from '../../../lib/saga/machine/decide.ts';
import type { SagaInput, SagaMove } from '../../../lib/saga/machine/decision.ts';
import type { SagaState, SagaTimer } from '../../../lib/saga/machine/saga-state.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

/** What has become of a step at its service. `barred`: called off before it was asked for. */
type ServiceState = 'untouched' | 'done' | 'refused' | 'undone' | 'barred';

interface Reply {
  readonly type: string;
}

/** Decides what is left open: a whole number from 0 up to but not including `below`. */
export type Choose = (below: number) => number;

/**
 * An instance among services that keep their promises (commands of a service in order, idempotent, a compensation bars
 * what it comes before), on a way that keeps none: replies come in any order, twice, or not at all.
 */
export class SagaWorld {
  state: SagaState | undefined;
  readonly moves: SagaMove[] = [];
  readonly services = new Map<string, ServiceState>();
  readonly answers: string[] = [];
  /** Steps by the order in which the saga heard that they were done. */
  readonly heardDone: string[] = [];
  /** Steps by the order in which their compensations were first sent. */
  readonly undoing: string[] = [];
  private readonly commands = new Map<string, ('do' | 'undo')[]>();
  private readonly replies: Reply[] = [];
  private readonly fired: SagaTimer[] = [];
  private timers: SagaTimer[] = [];
  private now = 1_800_000_000_000;
  private readonly definition: SagaDefinition;
  private readonly choose: Choose;

  constructor(definition: SagaDefinition, choose: Choose) {
    this.definition = definition;
    this.choose = choose;
    this.take(this.event('com.example.trip.requested'));
  }

  /** One thing happens, of all that could; what helps along comes more often. */
  happen(): void {
    const often = [() => this.serve(), () => this.serve(), () => this.deliver(true), () => this.deliver(true)];
    const seldom = [
      () => this.deliver(false),
      () => this.lose(),
      () => this.fire(),
      () => this.fireAgain(),
      () => this.take(this.event('com.example.trip.abandoned')),
      () => this.take(this.event('com.example.trip.requested')),
      () => this.take({ kind: 'retry' }),
    ];
    const happenings = [...often, ...often, ...often, ...often, ...seldom];
    happenings[this.choose(happenings.length)]?.();
  }

  /** From now on everything arrives, and time passes where nothing does. @returns whether it came to an end */
  drain(maxTurns: number): boolean {
    for (let turn = 0; turn < maxTurns; turn++) {
      if (this.serve() || this.deliver(true)) continue;
      if (this.timers.length === 0) return true;
      this.fire();
    }
    return false;
  }

  isWaiting(): boolean {
    return this.timers.length > 0;
  }

  private event(type: string, data: object = {}): SagaInput {
    const role = this.definition.roles.get(type);
    if (role === undefined) throw new Error(`no role for ${type}`);
    return { kind: 'event', type, role, data: { tripId: '7', seat: '12A', ...data } };
  }

  private take(input: SagaInput): void {
    this.now += this.choose(30) * 1000;
    const before = this.state;
    const decision = decide(this.definition, before, input, this.now as EpochMs);
    if (decision.kind === 'ignored') return;
    this.moves.push(decision);
    this.state = decision.state;
    for (const { name } of stepsOf(this.definition)) {
      const isDone = decision.state.steps[name]?.phase === 'done';
      if (isDone && before?.steps[name]?.phase !== 'done') this.heardDone.push(name);
    }
    const isCancelled = (timer: SagaTimer) => decision.cancelled.some((each) => sameTimer(each, timer));
    this.timers = [...this.timers.filter((timer) => !isCancelled(timer)), ...decision.timers];
    for (const { event } of decision.publications) this.publish(event.type);
  }

  private publish(type: string): void {
    for (const step of stepsOf(this.definition)) {
      const queue = this.commands.get(step.name) ?? [];
      this.commands.set(step.name, queue);
      if (step.command.event.type === type) queue.push('do');
      if (step.compensation?.command.event.type !== type) continue;
      queue.push('undo');
      if (!this.undoing.includes(step.name)) this.undoing.push(step.name);
    }
    const { completed, failed } = this.definition.answers;
    if (type === completed?.event.type || type === failed?.event.type) this.answers.push(type);
  }

  /** A service takes its next command and answers. */
  private serve(): boolean {
    const waiting = stepsOf(this.definition).filter(({ name }) => (this.commands.get(name) ?? []).length > 0);
    const step = waiting[this.choose(waiting.length)];
    if (step === undefined) return false;
    const reply = this.commands.get(step.name)?.shift() === 'do' ? this.perform(step) : this.undo(step);
    if (reply !== undefined) this.replies.push({ type: reply });
    return true;
  }

  private perform({ name, success, failure }: SagaStep): string | undefined {
    const state = this.services.get(name) ?? 'untouched';
    if (state === 'undone' || state === 'barred') return failure[0]?.event.type;
    const isRefused = state === 'refused' || (state === 'untouched' && failure.length > 0 && this.choose(6) === 0);
    this.services.set(name, isRefused ? 'refused' : 'done');
    return (isRefused ? failure : success)[0]?.event.type;
  }

  private undo({ name, pivot, success, compensation }: SagaStep): string | undefined {
    const state = this.services.get(name) ?? 'untouched';
    // what decides cannot be taken back: it says so
    if (pivot && state === 'done') return success[0]?.event.type;
    const canFail = compensation !== undefined && compensation.failure.length > 0;
    if (canFail && state === 'done' && this.choose(2) === 0) return compensation.failure[0]?.event.type;
    if (state === 'done') this.services.set(name, 'undone');
    if (state === 'untouched') this.services.set(name, 'barred');
    return compensation?.success[0]?.event.type;
  }

  private deliver(once: boolean): boolean {
    const index = this.choose(this.replies.length);
    const reply = this.replies[index];
    if (reply === undefined) return false;
    if (once) this.replies.splice(index, 1);
    this.take(this.event(reply.type));
    return true;
  }

  private lose(): void {
    this.replies.splice(this.choose(this.replies.length), 1);
  }

  private fire(): void {
    const index = this.choose(this.timers.length);
    const [timer] = this.timers.splice(index, 1);
    if (timer === undefined) return;
    this.fired.push(timer);
    this.now = Math.max(this.now, timer.dueAtSeconds * 1000);
    this.take({ kind: 'timer', timer });
  }

  private fireAgain(): void {
    const timer = this.fired[this.choose(this.fired.length)];
    if (timer !== undefined) this.take({ kind: 'timer', timer });
  }
}

const sameTimer = (a: SagaTimer, b: SagaTimer): boolean => JSON.stringify(a) === JSON.stringify(b);
