import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import type { Relay } from '../../../lib/outbox/index.ts';
import type { Dealer } from '../dealer.ts';
import type { Simulation } from '../simulation.ts';

type OutboxRecords = Parameters<Relay['run']>[0];
type RelayReport = Awaited<ReturnType<Relay['run']>>;

/** The outbox table's stream: it orders the changes of one item, so what was committed together comes in any order. */
export interface Stream {
  append(event: NewEventRecord): void;
}

export interface StreamDeps {
  readonly sim: Simulation;
  readonly dealer: Dealer;
  /** Invokes the relay. @param done hears nothing when there is no answer */
  readonly relay: (records: OutboxRecords, done: (report: RelayReport | undefined) => void) => void;
}

/** What is read one batch after another: a shard, or one of the parts that ParallelizationFactor makes of it. */
interface Lane {
  records: OutboxRecords[number][];
  /** The last batches that were done with: a lost checkpoint brings them again. */
  done: OutboxRecords[number][];
  isBusy: boolean;
  /** A parent is read to its end before its children. */
  readonly parent: Lane | undefined;
}

const SHARDS = 2;
const BATCH_RECORDS = 10;
const RETRY_MS = 1_000;

const laneOf = (parent: Lane | undefined): Lane => ({ records: [], done: [], isBusy: false, parent });

export function createStream({ sim, dealer, relay }: StreamDeps): Stream {
  let position = 100;
  /** Those that take new records. */
  let open: readonly Lane[] = Array.from({ length: SHARDS }, () => laneOf(undefined));
  const all = new Set(open);

  const recordOf = (stored: NewEventRecord): OutboxRecords[number] => {
    position += 1;
    const { group, sequence, id, source, type, body, committedAt } = stored;
    return {
      kind: 'event',
      position: String(position),
      event: { group, sequence, id, source, type, body, committedAt },
    };
  };

  const isRead = ({ records, isBusy }: Lane) => records.length === 0 && !isBusy;

  const pump = (lane: Lane) => {
    if (lane.isBusy || lane.records.length === 0) return;
    if (lane.parent !== undefined && !isRead(lane.parent)) return;
    lane.isBusy = true;
    const batch = lane.records.slice(0, BATCH_RECORDS);
    relay(batch, (report) => {
      const failed = batch.findIndex((record) => record.position === report?.lowestFailed);
      const fault = dealer.deal((kind) => kind === 'stream comes again' || kind === 'checkpoint lost');
      const again = fault?.kind === 'stream comes again';
      const doneWith = report === undefined || again ? 0 : failed === -1 ? batch.length : failed;
      lane.done.push(...lane.records.splice(0, doneWith));
      if (fault?.kind === 'checkpoint lost') lane.records.unshift(...lane.done.splice(0));
      sim.after(doneWith === batch.length ? 0 : RETRY_MS, () => {
        lane.isBusy = false;
        for (const each of all) pump(each);
      });
    });
  };

  const split = (lane: Lane) => {
    const children = [laneOf(lane), laneOf(lane)];
    for (const child of children) all.add(child);
    open = [...open.filter((each) => each !== lane), ...children];
  };

  return {
    append(event) {
      const fault = dealer.deal((kind) => kind === 'stream trimmed' || kind === 'shard splits');
      if (fault?.kind === 'stream trimmed') return;
      const lane = open[sim.between(0, open.length - 1)];
      if (lane === undefined) return;
      sim.after(sim.between(5, 150), () => {
        lane.records.push(recordOf(event));
        sim.after(sim.between(0, 50), () => pump(lane));
      });
      if (fault?.kind === 'shard splits') split(lane);
    },
  };
}
