import {
  createRevisionDeployments,
  type DeployRevisionsDeps,
  type RevisionDeployments,
} from '../../examples/shop/local/redeploy/deploy-revisions.ts';
import { resendMissing } from '../../examples/shop/local/redeploy/resend-missing.ts';
import { describeChange } from '../../examples/shop/local/redeploy/revisions.ts';
import { seconds } from '../view/progress.ts';
import type { Screen } from '../view/screen.ts';
import type { RunOptions } from './options.ts';
import type { Stacks } from './start-stacks.ts';

export interface RedeployDeps extends Pick<DeployRevisionsDeps, 'orders' | 'elapsedMs' | 'signal'> {
  readonly screen: Screen;
}

/** Later revisions of the shop, ready to be deployed over the stacks at work. */
export function redeploy(
  { chaosSeed, seed }: Pick<RunOptions, 'chaosSeed' | 'seed'>,
  { run, update, assemblyOf, clients }: Stacks,
  { screen, ...deps }: RedeployDeps,
): RevisionDeployments {
  return createRevisionDeployments({
    ...deps,
    update,
    assemblyOf,
    seed: chaosSeed ?? seed,
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
