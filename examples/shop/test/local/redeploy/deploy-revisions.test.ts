import { describe, expect, it } from 'vitest';
import { createRevisionDeployments, type DeployRevisionsDeps } from '../../../local/redeploy/deploy-revisions.ts';

const DONE = { created: ['a'], updated: ['b', 'c'], replaced: [], deleted: ['d'], retained: [], undeleted: [] };

/** Ten orders, none of which is answered before the test says so. */
function underTest(update: DeployRevisionsDeps['update'] = async () => DONE) {
  const steps: string[] = [];
  const orders = { answered: 0 };
  const ran = new Set(['notifications']);
  const deployments = createRevisionDeployments({
    update(folder, options) {
      steps.push(`update ${folder}`);
      return update(folder, options);
    },
    assemblyOf: (count) => `revision ${count}`,
    hasRun: async (consumer) => ran.has(consumer),
    resendMissing: async (consumer) => {
      steps.push(`resend to ${consumer}`);
      return 3;
    },
    seed: 7,
    orders: { total: 10, answered: () => orders.answered },
    elapsedMs: () => 1000,
    onBegin: ({ name }) => void steps.push(`deploying ${name}`),
    onEnd: () => void steps.push('deployed'),
    signal: new AbortController().signal,
  });
  return { deployments, steps, orders, ran };
}

describe('createRevisionDeployments', () => {
  it('deploys every revision, and resends the messages in the queue of a renamed consumer', async () => {
    const { deployments, steps, orders } = underTest();
    orders.answered = 10;

    const records = await deployments.deployAll();

    expect(records.map(({ failed, resent, deleted }) => ({ failed, resent, deleted }))).toStrictEqual([
      { failed: null, resent: 0, deleted: ['d'] },
      { failed: null, resent: 3, deleted: ['d'] },
      { failed: null, resent: 0, deleted: ['d'] },
      { failed: null, resent: 0, deleted: ['d'] },
    ]);
    expect(steps.slice(3, 7)).toStrictEqual([
      'deploying points for payments',
      'update revision 2',
      'resend to notifications',
      'deployed',
    ]);
  });

  it('waits for its moments, and holds orders back so that some are open at each deployment', async () => {
    const { deployments, steps, orders } = underTest();
    const done = deployments.deployAll();

    expect([deployments.isHolding(), steps]).toStrictEqual([false, []]);
    orders.answered = 5;
    await expect.poll(() => steps.filter((step) => step === 'deployed').length).toBe(2);
    expect(deployments.isHolding()).toBe(false);
    orders.answered = 7;
    await expect.poll(() => steps.filter((step) => step === 'deployed').length).toBe(3);
    orders.answered = 9;
    await done;

    expect(steps.filter((step) => step === 'deployed').length).toBe(4);
    expect(deployments.isHolding()).toBe(false);
  });

  it('holds orders back if none would be left for later deployments', () => {
    const { deployments, orders } = underTest();

    orders.answered = 4;

    expect(deployments.isHolding()).toBe(true);
  });

  it('does not rename a consumer that has not run, because its first deployment time is unknown', async () => {
    const { deployments, steps, orders, ran } = underTest();
    ran.clear();
    orders.answered = 9;
    const done = deployments.deployAll();
    await expect.poll(() => steps.filter((step) => step === 'deployed').length).toBe(1);
    const before = [...steps];

    ran.add('notifications');
    await done;

    expect(before).not.toContain('update revision 2');
    expect(steps.filter((step) => step === 'deployed').length).toBe(4);
  });

  it('reports why a deployment failed, deploys nothing more, and lets the orders continue', async () => {
    const { deployments, orders } = underTest(async () => {
      throw new Error('Shop/Loyalty cannot be created');
    });
    orders.answered = 4;

    const records = await deployments.deployAll();

    expect(records).toMatchObject([{ failed: 'Shop/Loyalty cannot be created', created: [] }]);
    expect(deployments.isHolding()).toBe(false);
  });
});
