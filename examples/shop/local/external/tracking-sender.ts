import { setTimeout } from 'node:timers/promises';
import type { EngineClock } from '../../../../local/clock.ts';
import { signMessage } from './signed-message.ts';
import type { TrackingFault, TrackingFaultPlan } from './tracking-faults.ts';
import { createTrackingSecrets, newSecret, type PutSecret, type TrackingSecrets } from './tracking-secrets.ts';

/** Where the carrier's customers want to be told. */
interface TrackingTarget {
  /** Undefined stands for the one customer of a deployment without tenants. */
  readonly accounts: readonly (string | undefined)[];
  readonly urlOf: (account: string | undefined) => string;
  readonly putSecret: PutSecret;
}

export interface TrackedParcel {
  readonly account: string | undefined;
  /** The shop's order id. */
  readonly reference: string;
  readonly trackingCode: string;
}

/** A message that the shop answered with success, once or several times, or one that only the carrier's list has. */
export interface ToldMove extends TrackedParcel {
  readonly deliveryId: string;
  readonly state: TrackingState;
  readonly occurredAt: string;
}

export interface TrackingReport {
  readonly told: readonly ToldMove[];
  /** How many of these were not sent. */
  readonly listedOnly: number;
  /** Messages that the carrier never sent, and how the shop answered. */
  readonly forged: readonly { readonly deliveryId: string; readonly what: TrackingFault; readonly status: number }[];
}

export interface TrackingSender {
  /** The parcel is on its way from now on. */
  parcelBooked(parcel: TrackedParcel): void;
  /** Begins to tell, also of parcels that were booked before. */
  connect(target: TrackingTarget): Promise<void>;
  /** Whether there is something to tell, and somebody to tell it to. */
  isBusy(): boolean;
  /** Waits until there is nothing to tell any more. @throws the signal's reason */
  idle(signal: AbortSignal): Promise<void>;
  report(): TrackingReport;
  /** What happened to parcels, in that order: the carrier's list. */
  happened(): readonly ToldMove[];
  /** Tells nothing any more. */
  close(): void;
}

export interface TrackingSenderDeps {
  readonly clock: Pick<EngineClock, 'now'>;
  readonly newRef: (prefix: string) => string;
  readonly faults: TrackingFaultPlan;
  readonly onFault: (fault: TrackingFault) => void;
  /** Of whose parcels some messages are never sent: for a shop that reads the carrier's list as well. */
  readonly isLost: (parcel: TrackedParcel) => boolean;
}

const STATES = ['PICKED_UP', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED'] as const;

type TrackingState = (typeof STATES)[number];

interface Message {
  readonly id: string;
  readonly state: TrackingState;
  readonly occurredAt: string;
}

/** One message of so many is never sent, if any is. */
const LOST_ONE_IN = 8;

/** More would only wait for the webhook's function. */
const PARCELS_AT_A_TIME = 4;

/** Between two tries of a message, doubled up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

const LOOK_EVERY_MS = 20;

/** A customer who does not answer is a failed try. */
const TIMEOUT_MS = 15_000;

/** A carrier that tells of each station of its parcels, and repeats what was not answered with success. */
export function createTrackingSender(deps: TrackingSenderDeps): TrackingSender {
  const { clock, newRef, faults, onFault, isLost } = deps;
  const waiting: TrackedParcel[] = [];
  const happened: ToldMove[] = [];
  const told: ToldMove[] = [];
  let listedOnly = 0;
  const forged: TrackingReport['forged'][number][] = [];
  const closed = new AbortController();
  let working = 0;
  let connection: { readonly target: TrackingTarget; readonly secrets: TrackingSecrets } | undefined;

  const post = async (account: string | undefined, id: string, body: string, secrets: readonly string[]) => {
    const signed = signMessage(id, clock.now(), body, secrets);
    const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const url = connection?.target.urlOf(account) ?? '';
    const { status, body: answer } = await fetch(url, { method: 'POST', ...signed, signal });
    await answer?.cancel();
    return status;
  };

  /** Until it is answered with success, each time signed anew. */
  const tell = async (parcel: TrackedParcel, message: Message, isLost: boolean): Promise<void> => {
    const { account } = parcel;
    let losses = isLost ? 1 : 0;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const secrets = connection?.secrets.of(account) ?? [];
      const status = await post(account, message.id, bodyOf(parcel, message), secrets).catch(() => 0);
      closed.signal.throwIfAborted();
      if (status >= 200 && status < 300) {
        if (losses === 0) return;
        losses--;
      } else await setTimeout(pauseMs, undefined, { signal: closed.signal });
    }
  };

  /** What somebody sends who does not have the secret. It says that the parcel has arrived. */
  const forge = async (what: 'forge' | 'tamper' | 'retired-secret', parcel: TrackedParcel, message: Message) => {
    const { account } = parcel;
    const secrets = connection?.secrets;
    const lie: Message = { ...message, id: `${message.id}-${what}`, state: 'DELIVERED' };
    const deliveryId = what === 'tamper' ? message.id : lie.id;
    if (what === 'tamper') {
      const { headers } = signMessage(message.id, clock.now(), bodyOf(parcel, message), secrets?.of(account) ?? []);
      const body = bodyOf(parcel, { ...lie, occurredAt: 'never' });
      const url = connection?.target.urlOf(account) ?? '';
      const answer = await fetch(url, { method: 'POST', headers, body, signal: closed.signal });
      await answer.body?.cancel();
      forged.push({ deliveryId, what, status: answer.status });
      return;
    }
    const secret = what === 'forge' || secrets === undefined ? newSecret() : secrets.retired(account);
    forged.push({ deliveryId, what, status: await post(account, deliveryId, bodyOf(parcel, lie), [secret]) });
  };

  const disturb = async (fault: TrackingFault | undefined, parcel: TrackedParcel, message: Message) => {
    if (fault === 'rotate' && (await connection?.secrets.rotate(parcel.account)) === true) onFault(fault);
    if (fault === 'forge' || fault === 'tamper' || fault === 'retired-secret') {
      // a connection that is lost forges nothing
      const before = forged.length;
      await forge(fault, parcel, message).catch(() => undefined);
      if (forged.length > before) onFault(fault);
    }
  };

  const follow = async (parcel: TrackedParcel): Promise<void> => {
    const messages = STATES.map((state): Message => {
      return { id: newRef('trk'), state, occurredAt: new Date(clock.now()).toISOString() };
    });
    while (messages.length > 0) {
      const fault = faults();
      const isReordered = fault === 'reorder' && messages.length > 1;
      const [message] = messages.splice(isReordered ? 1 : 0, 1);
      if (message === undefined) return;
      const move: ToldMove = { ...parcel, ...message, deliveryId: message.id };
      happened.push(move);
      if (isLost(parcel) && happened.length % LOST_ONE_IN === 0) {
        listedOnly++;
        told.push(move);
        continue;
      }
      if (isReordered || fault === 'duplicate' || fault === 'lost-answer') onFault(fault);
      await disturb(fault, parcel, message);
      await tell(parcel, message, fault === 'lost-answer');
      told.push(move);
      if (fault === 'duplicate') await tell(parcel, message, false);
    }
  };

  const work = async (): Promise<void> => {
    if (connection === undefined || working >= PARCELS_AT_A_TIME) return;
    const parcel = waiting.shift();
    if (parcel === undefined) return;
    working++;
    try {
      await follow(parcel);
    } catch (error) {
      if (!closed.signal.aborted) throw error;
    } finally {
      working--;
    }
    if (!closed.signal.aborted) void work();
  };

  const isBusy = () => connection !== undefined && working + waiting.length > 0;

  return {
    isBusy,
    parcelBooked(parcel) {
      waiting.push(parcel);
      void work();
    },
    async connect(target) {
      const secrets = await createTrackingSecrets(target.accounts, target.putSecret, clock);
      connection = { target, secrets };
      for (let worker = 0; worker < PARCELS_AT_A_TIME; worker++) void work();
    },
    async idle(signal) {
      while (isBusy()) await setTimeout(LOOK_EVERY_MS, undefined, { signal });
    },
    report: () => ({ told: [...told], listedOnly, forged: [...forged] }),
    happened: () => happened,
    close: () => closed.abort(),
  };
}

const bodyOf = ({ reference, trackingCode }: TrackedParcel, { state, occurredAt }: Message): string =>
  JSON.stringify({
    type: 'parcel.moved',
    data: { customerReference: reference, trackingCode, state, occurredAt },
  });
