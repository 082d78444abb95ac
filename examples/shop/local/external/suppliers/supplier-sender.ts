import { setTimeout } from 'node:timers/promises';
import type { EngineClock } from '../../../../../local/clock.ts';
import { signMessage } from '../signed-message.ts';
import { newSecret, type PutSecret } from '../tracking-secrets.ts';
import type { Line } from './assortment.ts';
import { itemOf } from './supplier-b.ts';
import type { TellingFault } from './supplier-faults.ts';

/** Where supplier B's customers want to be told. */
export interface SupplierTarget {
  readonly accounts: readonly (string | undefined)[];
  readonly urlOf: (account: string | undefined) => string;
  readonly putSecret: PutSecret;
}

/** Supplier B's messages of changed products. */
export interface SupplierSender {
  changed(account: string | undefined, line: Line): void;
  /** Begins to tell of what changes from now on. */
  connect(target: SupplierTarget): Promise<void>;
  isBusy(): boolean;
  /** Waits until there is nothing to tell any more. @throws the signal's reason */
  idle(signal: AbortSignal): Promise<void>;
  /** Messages that were answered with success. */
  told(): number;
  close(): void;
}

export interface SupplierSenderDeps {
  readonly clock: Pick<EngineClock, 'now'>;
  readonly newRef: (prefix: string) => string;
  readonly faultOf: () => TellingFault | undefined;
}

interface Message {
  readonly account: string | undefined;
  readonly id: string;
  readonly body: string;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const LOOK_EVERY_MS = 20;
const TIMEOUT_MS = 15_000;

/** After that the supplier gives up, as most do: its feed has the change. */
const MOST_TRIES = 12;

export function createSupplierSender({ clock, newRef, faultOf }: SupplierSenderDeps): SupplierSender {
  const waiting: Message[] = [];
  /** The last message of each product. */
  const last = new Map<string, Message>();
  const closed = new AbortController();
  const secrets = new Map<string | undefined, string>();
  let target: SupplierTarget | undefined;
  let isWorking = false;
  let told = 0;

  const post = async ({ account, id, body }: Message): Promise<boolean> => {
    const signed = signMessage(id, clock.now(), body, [secrets.get(account) ?? '']);
    const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const { ok, body: answer } = await fetch(target?.urlOf(account) ?? '', { method: 'POST', ...signed, signal });
    await answer?.cancel();
    return ok;
  };

  const tell = async (message: Message): Promise<void> => {
    for (let tries = 1, pauseMs = FIRST_PAUSE_MS; tries <= MOST_TRIES; tries++) {
      const isTaken = await post(message).catch(() => false);
      closed.signal.throwIfAborted();
      if (isTaken) {
        told++;
        return;
      }
      await setTimeout(pauseMs, undefined, { signal: closed.signal });
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  };

  const work = async (): Promise<void> => {
    if (isWorking) return;
    isWorking = true;
    try {
      for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) await tell(message);
    } catch (error) {
      if (!closed.signal.aborted) throw error;
    } finally {
      isWorking = false;
    }
  };

  const isBusy = () => isWorking || waiting.length > 0;

  return {
    isBusy,
    changed(account, line) {
      if (target === undefined) return;
      const item = itemOf(line);
      const fault = faultOf();
      const key = `${account} ${item.gtin}`;
      const before = last.get(key);
      const isOlderTold = fault === 'older' && before !== undefined;
      const data = fault === 'bare' ? { gtin: item.gtin } : item;
      const message = { account, id: newRef('sb'), body: JSON.stringify({ type: 'product.changed', data }) };
      last.set(key, message);
      if (fault === 'lost') return;
      waiting.push(message);
      if (fault === 'duplicate') waiting.push(message);
      // under an id of its own: the webhook cannot know it
      if (isOlderTold) waiting.push({ ...before, id: newRef('sb') });
      void work();
    },
    async connect(to) {
      for (const account of to.accounts) {
        const current = newSecret();
        await to.putSecret(account, { current, previous: '' });
        secrets.set(account, current);
      }
      target = to;
    },
    async idle(signal) {
      while (isBusy()) await setTimeout(LOOK_EVERY_MS, undefined, { signal });
    },
    told: () => told,
    close: () => closed.abort(),
  };
}
