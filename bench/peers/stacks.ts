import { createTemporaryFolder, type TemporaryFolder } from '../../local/temporary-folder.ts';
import { type BenchAppProps, synthesizeBenchApp } from '../app/bench-app.ts';
import type { BenchRun, Publishing } from '../app/start-app.ts';
import { type PeerAppProps, synthesizePeerApp } from './peer-app.ts';

/** What the events of a stack have in common, whoever publishes them. */
type PeerPublishing = Omit<Publishing, 'sequences' | 'withState'> & { readonly name: string };

/** A way from a service's commit to a consumer's effect, on the same services as the others. */
export interface PeerStack {
  readonly title: string;
  synthesize(outdir: string): void;
  /** State and event in one transaction each. @returns milliseconds that the producer took */
  publish(bench: BenchRun, publishing: PeerPublishing): Promise<number>;
}

const plain = (title: string, app: PeerAppProps): PeerStack => ({
  title,
  synthesize: (outdir) => synthesizePeerApp(outdir, app),
  publish: (bench, { name, ...publishing }) =>
    bench.client.run('publishPlainly', {
      pauseMs: 0,
      firstSequence: 1,
      ...bench.connection,
      ...publishing,
      outboxTableName: bench.tableName('Outbox'),
      stateTableName: bench.tableName('Table'),
      run: name,
    }),
});

const waybill = (ordering: BenchAppProps['ordering']): PeerStack => ({
  title: `Waybill ${ordering}`,
  synthesize: (outdir) => synthesizeBenchApp(outdir, { ordering, consumers: 1 }),
  publish: (bench, publishing) =>
    bench.publish({ ...publishing, sequences: ordering === 'strict' ? 'outbox' : 'aggregate', withState: true }),
});

/** What is compared, the sample's relay first. */
export const PEERS: readonly PeerStack[] = [
  plain("relay as in AWS's outbox sample, Powertools", { relay: 'sample', consumer: 'powertools' }),
  plain('relay with partial batch failures, Powertools', { relay: 'partial', consumer: 'powertools' }),
  waybill('fifo'),
  waybill('strict'),
];

/**
 * What any design on these services pays: the event in the transaction of the state, a tenth of a PutEvents call, the
 * message, one transaction with the effect and a record of the event.
 */
export const FLOOR: PeerStack = plain('floor: one transaction for the event, one for its effect', {
  relay: 'partial',
  consumer: 'least',
});

/** Synthesizes and bundles a stack once, for any number of runs. */
export function assemblyOf(stack: PeerStack): TemporaryFolder {
  const folder = createTemporaryFolder();
  stack.synthesize(folder.path);
  return folder;
}
