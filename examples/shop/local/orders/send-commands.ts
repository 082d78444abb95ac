import type { EngineClock } from '../../../../local/clock.ts';
import type { SendCommand } from './send-command.ts';
import { orderKeyOf, type ShopAnswer, type ShopCommand } from './shop-command.ts';

export interface SendCommandsOptions {
  readonly commands: Iterable<ShopCommand>;
  readonly send: SendCommand;
  readonly clock: EngineClock;
  /** Undefined is as fast as the shop keeps up. */
  readonly ordersPerSecond: number | undefined;
  /** Whether the shop is behind: without a rate no order begins meanwhile. */
  readonly isBehind: () => boolean;
  readonly signal: AbortSignal;
  readonly onAnswer: (answer: ShopAnswer) => void;
}

/** Enough to keep the function's environments at work; more would only wait for them. */
const AT_A_TIME = 4;

const LOOK_EVERY_MS = 20;

/**
 * Sends the commands one after another, a few at a time, an order's cancellation after its placing was answered; with a
 * rate the n-th order begins n / rate seconds after the first, without one when the shop has kept up.
 * @throws the signal's reason, or what `send` rejects with, after what is under way has ended
 */
export async function sendCommands(options: SendCommandsOptions): Promise<void> {
  const { commands, send, clock, ordersPerSecond, isBehind, signal, onAnswer } = options;
  const startedAt = clock.now();
  const source = commands[Symbol.iterator]();
  const placing = new Map<string, Promise<unknown>>();
  let orders = 0;
  let isOver = false;

  /** Sources and turns are taken by one worker at a time, so that commands begin in their order. */
  let turn: Promise<unknown> = Promise.resolve();
  const next = (): Promise<ShopCommand | undefined> => {
    const taken = turn.then(async () => {
      if (isOver) return undefined;
      const { value, done } = source.next();
      if (done === true) {
        isOver = true;
        return undefined;
      }
      if (value.kind === 'place') {
        if (ordersPerSecond === undefined) {
          while (isBehind()) await waitUntil(clock, clock.now() + LOOK_EVERY_MS, signal);
        } else {
          await waitUntil(clock, startedAt + (orders / ordersPerSecond) * 1000, signal);
        }
        orders++;
      }
      return value;
    });
    turn = taken.catch(() => undefined);
    return taken;
  };

  const carryOut = async (command: ShopCommand): Promise<ShopAnswer> => {
    const key = orderKeyOf(command);
    const placed = placing.get(key);
    // whatever became of it: a cancellation of what was not placed is answered, too
    if (placed !== undefined) await placed.catch(() => undefined);
    const answered = send(command, signal);
    if (command.kind === 'cancel') return answered;
    placing.set(key, answered);
    return answered.finally(() => placing.delete(key));
  };

  const work = async () => {
    try {
      for (let command = await next(); command !== undefined; command = await next()) {
        signal.throwIfAborted();
        onAnswer(await carryOut(command));
      }
    } catch (error) {
      isOver = true;
      throw error;
    }
  };

  const ended = await Promise.allSettled(Array.from({ length: AT_A_TIME }, work));
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
}

function waitUntil(clock: EngineClock, dueAt: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const delayMs = dueAt - clock.now();
  if (delayMs <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.schedule(delayMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
