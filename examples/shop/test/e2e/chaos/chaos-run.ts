import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { FaultPlan } from '../../../../../local/faults/fault-plan.ts';
import type { InjectedFault } from '../../../../../local/faults/fault-record.ts';
import { type Ledger, takeLedger } from '../../../../../local/ledger/take-ledger.ts';
import { readTopology } from '../../../../../local/ledger/topology.ts';
import { createUndeliverableEvents } from '../../../../../local/operator/undeliverable-events.ts';
import { settleWithOperator } from '../../../../../local/operator/while-working.ts';
import { startLocalRun } from '../../../../../local/run.ts';
import { commandAnswer } from '../../../local/operator/command-answer.ts';
import { createFunctionCalls } from '../../../local/orders/function-calls.ts';
import { generateOrders } from '../../../local/orders/generate-orders.ts';
import { countByState, readOrderStates } from '../../../local/orders/order-states.ts';
import { seedShop } from '../../../local/orders/seed-shop.ts';
import { createSendCommand } from '../../../local/orders/send-command.ts';
import { sendCommands } from '../../../local/orders/send-commands.ts';
import { findShop } from '../../../local/orders/shop.ts';
import { commandsOf, orderKeyOf } from '../../../local/orders/shop-command.ts';

/** How a run of the shop under faults ended. */
export interface ChaosOutcome {
  /** Orders that could not be placed or cancelled: `id: reason`. */
  readonly refused: readonly string[];
  /** Orders by state. */
  readonly states: Readonly<Record<string, number>>;
  readonly ledger: Ledger;
  readonly injected: readonly InjectedFault[];
  /** Warnings and errors of the run, and everything that functions wrote. */
  readonly log: readonly string[];
}

/** Places orders in a shop where the plan's faults happen, and waits until all have come to rest. */
export async function runUnderChaos(
  assemblyFolder: string,
  { faults, orders }: { readonly faults: FaultPlan; readonly orders: number },
): Promise<ChaosOutcome> {
  await using opened = new AsyncDisposableStack();
  const { signal } = new AbortController();
  const log: string[] = [];
  const refused: string[] = [];
  const run = await startLocalRun({
    assemblyFolder,
    faults,
    log: (level, source, message, fields) =>
      void log.push(`${level} ${source} ${message} ${String(fields?.['error'] ?? fields?.['reason'] ?? '')}`),
    onLogLine: (functionName, line) => void log.push(`${functionName} ${line}`),
  });
  opened.defer(run.close);
  const options = {
    endpoint: run.endpointUrl,
    region: run.region,
    credentials: { accessKeyId: 'administrator', secretAccessKey: 'secret' },
  };
  const dynamoDb = new DynamoDBClient(options);
  const lambda = new LambdaClient(options);
  const sqs = new SQSClient(options);
  opened.defer(() => [dynamoDb, lambda, sqs].forEach((client) => void client.destroy()));

  const shop = findShop(run.deployment);
  const plan = generateOrders(orders, faults.seed);
  const call = createFunctionCalls(lambda);
  await seedShop(plan, [undefined], { call, shop, signal });
  const topology = await readTopology(run.deployment, lambda);
  const undeliverable = createUndeliverableEvents({
    sqs: run.sqs,
    topology: () => topology,
    commandAnswer: (args) => commandAnswer(args, { clients: { dynamoDb, lambda, sqs }, clock: run.clock }),
  });
  const settle = () => settleWithOperator({ run, undeliverable, signal });
  await settle();
  await sendCommands({
    commands: commandsOf(plan.steps, [undefined]),
    send: createSendCommand(call, shop),
    clock: run.clock,
    ordersPerSecond: undefined,
    isBehind: () => false,
    signal,
    onAnswer: (answer) => {
      if (answer.outcome === 'failed') refused.push(`${orderKeyOf(answer.command)}: ${answer.reason}`);
    },
  });
  await settle();
  run.endFaults();

  const ledger = await takeLedger({ dynamoDb, sqs: run.sqs, topology, failureOf: () => undefined });
  const states = await readOrderStates(dynamoDb, shop.ordersTableName);
  return {
    refused,
    states: Object.fromEntries(countByState(states)),
    ledger,
    injected: run.injected(),
    log,
  };
}
