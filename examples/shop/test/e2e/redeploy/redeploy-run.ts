import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { driveTime } from '../../../../../local/drive-time.ts';
import { watchSubscriptions } from '../../../../../local/ledger/subscription-history.ts';
import { type Ledger, takeLedger } from '../../../../../local/ledger/take-ledger.ts';
import { readTopology } from '../../../../../local/ledger/topology.ts';
import { startLocalRun } from '../../../../../local/run.ts';
import { createFunctionCalls } from '../../../local/orders/function-calls.ts';
import { generateOrders } from '../../../local/orders/generate-orders.ts';
import { seedShop } from '../../../local/orders/seed-shop.ts';
import { createSendCommand } from '../../../local/orders/send-command.ts';
import { findShop } from '../../../local/orders/shop.ts';
import { commandsOf } from '../../../local/orders/shop-command.ts';
import { revisionFolder } from '../../../local/redeploy/revisions.ts';

const ORDERS = 3;

/**
 * Deploys revisions of the shop one after another, without faults: with each, orders are placed, and come to rest.
 * @param folder where the revisions were synthesized
 */
export async function deployCalmly(folder: string, revisions: number): Promise<Ledger> {
  await using opened = new AsyncDisposableStack();
  const { signal } = new AbortController();
  const run = await startLocalRun({ assemblyFolder: join(folder, revisionFolder(0)), log: () => {} });
  opened.defer(run.close);
  const options = {
    endpoint: run.endpointUrl,
    region: run.region,
    credentials: { accessKeyId: 'administrator', secretAccessKey: 'secret' },
  };
  const dynamoDb = new DynamoDBClient(options);
  const lambda = new LambdaClient(options);
  opened.defer(() => [dynamoDb, lambda].forEach((client) => void client.destroy()));
  const subscriptions = opened.use(watchSubscriptions(await readTopology(run.deployment, lambda), run));
  const shop = findShop(run.deployment);
  const plan = generateOrders(ORDERS * revisions, 1);
  const call = createFunctionCalls(lambda);
  await seedShop(plan, [undefined], { call, shop, signal });
  const send = createSendCommand(call, shop);
  const commands = [...commandsOf(plan.steps, [undefined])].filter(({ kind }) => kind === 'place');

  for (let count = 1; count <= revisions; count++) {
    subscriptions.begin();
    await run.update(join(folder, revisionFolder(count)));
    subscriptions.complete(await readTopology(run.deployment, lambda));
    for (const command of commands.splice(0, ORDERS)) await send(command, signal);
    await driveTime(run);
  }
  // not a bare return: the engines are closed when this function ends
  return await takeLedger({
    dynamoDb,
    sqs: run.sqs,
    topology: subscriptions.current(),
    dutiesOf: subscriptions.dutiesOf,
    failureOf: () => undefined,
  });
}
