import { setTimeout } from 'node:timers/promises';
import type { LocalRun } from '../../../../local/run.ts';
import { createRandom } from '../../../../local/seeded-random.ts';
import type { UpdateResult } from '../../../../local/template/update-result.ts';
import { drawMoments } from './deployment-moments.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import { REVISIONS, type Revision } from './revisions.ts';

export interface DeployRevisionsDeps {
  /** Deploys an assembly over what runs; who watches the run knows the result by then. */
  readonly update: LocalRun['update'];
  /** Where the assembly is that `count` deployments lead to. */
  readonly assemblyOf: (count: number) => string;
  /** Sends again what lay in the old queue of a consumer that has another one now; answers how many events. */
  readonly resendMissing: (consumer: string) => Promise<number>;
  /**
   * Whether the consumer has run. It then has recorded when it was first deployed, which it needs to stay the same consumer
   * under another construct.
   */
  readonly hasRun: (consumer: string) => Promise<boolean>;
  /** Draws the moments, and the order in which resources are updated. */
  readonly seed: number;
  /** How many orders there are, and how many were answered so far. */
  readonly orders: { readonly total: number; readonly answered: () => number };
  /** Since the first order, on the machine's clock. */
  readonly elapsedMs: () => number;
  readonly onBegin: (revision: Revision) => void;
  readonly onEnd: (record: DeploymentRecord) => void;
  readonly signal: AbortSignal;
}

export interface RevisionDeployments {
  /** Deploys one revision after another, each at its moment; resolves when all are done, or one has failed. */
  deployAll(): Promise<readonly DeploymentRecord[]>;
  /** Whether the next order has to wait, so that the deployments to come meet orders that are under way. */
  isHolding(): boolean;
}

const LOOK_EVERY_MS = 20;

/** Between two steps of a deployment: enough for events to come in between. On AWS a step takes seconds to minutes. */
const LONGEST_PACE_MS = 60;

type Resources = Pick<DeploymentRecord, 'created' | 'updated' | 'replaced' | 'deleted'>;

const NOTHING: Resources = { created: [], updated: [], replaced: [], deleted: [] };

const resourcesOf = ({ created, updated, replaced, deleted }: UpdateResult): Resources => ({
  created,
  updated,
  replaced,
  deleted,
});

const renamedIn = ({ changes }: Pick<Revision, 'changes'>): readonly string[] =>
  changes.filter(({ kind }) => kind === 'consumer-renamed').map(({ consumer }) => consumer);

/** Deploys the shop's revisions while its orders flow. */
export function createRevisionDeployments(deps: DeployRevisionsDeps): RevisionDeployments {
  const { update, assemblyOf, hasRun, seed, orders, elapsedMs, signal } = deps;
  const moments = drawMoments(REVISIONS.length, seed);
  const random = createRandom(seed);
  /** Up to here orders are let through. */
  let limitRatio = moments.ratios[1] ?? moments.lastRatio;

  const isReached = (ratio: number) => orders.answered() >= ratio * orders.total;

  const deploy = async ({ name, changes }: Revision, count: number): Promise<DeploymentRecord> => {
    const before = orders.answered();
    const afterMs = Math.round(elapsedMs());
    /** What is told of a deployment that ends now. */
    const ended = () => ({
      revision: name,
      changes,
      afterMs,
      tookMs: Math.round(elapsedMs()) - afterMs,
      orders: { before, after: orders.answered() },
    });
    try {
      const pace = Math.ceil(random() * LONGEST_PACE_MS);
      const result = await update(assemblyOf(count), { seed: Math.floor(random() * 2 ** 32), pace });
      const record = { ...ended(), ...resourcesOf(result), failed: null };
      let resent = 0;
      for (const consumer of renamedIn({ changes })) resent += await deps.resendMissing(consumer);
      return { ...record, resent };
    } catch (error) {
      signal.throwIfAborted();
      const failed = error instanceof Error ? error.message : String(error);
      return { ...ended(), ...NOTHING, resent: 0, failed };
    }
  };

  return {
    isHolding: () => isReached(limitRatio),
    async deployAll() {
      const records: DeploymentRecord[] = [];
      try {
        for (const [index, revision] of REVISIONS.entries()) {
          limitRatio = moments.ratios[index + 1] ?? moments.lastRatio;
          while (!isReached(moments.ratios[index] ?? 1)) await setTimeout(LOOK_EVERY_MS, undefined, { signal });
          for (const consumer of renamedIn(revision)) {
            while (!(await hasRun(consumer))) await setTimeout(LOOK_EVERY_MS, undefined, { signal });
          }
          deps.onBegin(revision);
          const record = await deploy(revision, index + 1);
          records.push(record);
          deps.onEnd(record);
          if (record.failed !== null) break;
        }
        return records;
      } finally {
        limitRatio = Number.POSITIVE_INFINITY;
      }
    },
  };
}
