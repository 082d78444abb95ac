import { readConsumerHistory } from '../../../../lib/consumer/index.ts';
import type { Screen } from '../../../../local/view/screen.ts';
import { seconds } from '../../../../local/view/seconds.ts';
import {
  createRevisionDeployments,
  type DeployRevisionsDeps,
  type RevisionDeployments,
} from '../redeploy/deploy-revisions.ts';
import { resendMissing } from '../redeploy/resend-missing.ts';
import { describeChange } from '../redeploy/revisions.ts';
import type { RunOptions } from './options.ts';
import type { ShopRun } from './start-shop.ts';

export interface RedeployDeps extends Pick<DeployRevisionsDeps, 'orders' | 'elapsedMs' | 'signal'> {
  readonly screen: Screen;
}

/** Later revisions of the shop, ready to be deployed over the stacks at work. */
export function redeploy(
  { chaosSeed, seed }: Pick<RunOptions, 'chaosSeed' | 'seed'>,
  app: ShopRun,
  { screen, ...deps }: RedeployDeps,
): RevisionDeployments {
  const { run, update, assemblyOf, clients } = app;
  return createRevisionDeployments({
    ...deps,
    update,
    assemblyOf,
    seed: chaosSeed ?? seed,
    async hasRun(consumer) {
      const inbox = app.topology.consumers.find(({ name }) => name === consumer)?.inboxTableName;
      if (inbox === undefined) throw new Error(`no consumer '${consumer}' is deployed`);
      return (await readConsumerHistory({ client: clients.dynamoDb, tableName: inbox, consumer })) !== undefined;
    },
    resendMissing: (consumer) => resendMissing(consumer, { clients, clock: run.clock }),
    onBegin({ name, changes }) {
      screen.line(`deploying '${name}': ${changes.map(describeChange).join('; ')}`);
    },
    onEnd({ revision, tookMs, created, updated, replaced, deleted, failed }) {
      const counts = `${created.length} created, ${updated.length} updated, ${replaced.length} replaced, ${deleted.length} deleted`;
      if (failed === null) screen.line(`deployed '${revision}' in ${seconds(tookMs)}: ${counts}`);
      else screen.warn(`the deployment of '${revision}' failed: ${failed}`);
    },
  });
}
