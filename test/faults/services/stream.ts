import type { StoredEvent } from '../../../lib/outbox/index.ts';
import type { Relay } from '../../../lib/relay/index.ts';
import type { Dealer } from '../dealer.ts';
import type { Simulation } from '../simulation.ts';

type OutboxRecords = Parameters<Relay['run']>[0];
type RelayReport = Awaited<ReturnType<Relay['run']>>;

/** The outbox table's stream: it orders the changes of one item, so what was committed together comes in any order. */
export interface Stream {
  append(event: StoredEvent): void;
}

export interface StreamDeps {
  readonly sim: Simulation;
  readonly dealer: Dealer;
  /** Invokes the relay. @param done hears nothing when there is no answer */
  readonly relay: (records: OutboxRecords, done: (report: RelayReport | undefined) => void) => void;
}

const SHARDS = 2;
const BATCH_RECORDS = 10;
const RETRY_MS = 1_000;

export function createStream({ sim, dealer, relay }: StreamDeps): Stream {
  let position = 100;
  const shards = Array.from({ length: SHARDS }, () => ({
    records: [] as OutboxRecords[number][],
    isBusy: false,
  }));

  const recordOf = (stored: StoredEvent): OutboxRecords[number] => {
    position += 1;
    const { group, sequence, id, source, type, body, committedAt } = stored;
    return {
      kind: 'event',
      position: String(position),
      event: { group, sequence, id, source, type, event: body, committedAt },
    };
  };

  const pump = (shard: (typeof shards)[number]) => {
    if (shard.isBusy || shard.records.length === 0) return;
    shard.isBusy = true;
    const batch = shard.records.slice(0, BATCH_RECORDS);
    relay(batch, (report) => {
      const failed = batch.findIndex((record) => record.position === report?.lowestFailed);
      const again = dealer.deal((kind) => kind === 'stream comes again') !== undefined;
      const doneWith = report === undefined || again ? 0 : failed === -1 ? batch.length : failed;
      shard.records.splice(0, doneWith);
      sim.after(doneWith === batch.length ? 0 : RETRY_MS, () => {
        shard.isBusy = false;
        pump(shard);
      });
    });
  };

  return {
    append(event) {
      if (dealer.deal((kind) => kind === 'stream trimmed') !== undefined) return;
      const shard = shards[sim.between(0, SHARDS - 1)];
      if (shard === undefined) return;
      sim.after(sim.between(5, 150), () => {
        shard.records.push(recordOf(event));
        sim.after(sim.between(0, 50), () => pump(shard));
      });
    },
  };
}
