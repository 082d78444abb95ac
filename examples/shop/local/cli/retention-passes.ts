import { setTimeout } from 'node:timers/promises';
import { DisableRuleCommand, EnableRuleCommand } from '@aws-sdk/client-eventbridge';
import { selectEnvironment } from '../../../../infra/environments.ts';
import { driveTime } from '../../../../local/drive-time.ts';
import { listAt } from '../../../../local/template/json.ts';
import { type Invariant, invariant } from '../invariants/invariant.ts';
import { commandAnswer } from '../operator/command-answer.ts';
import { createFunctionCalls } from '../orders/function-calls.ts';
import type { OrderPlan } from '../orders/order-plan.ts';
import { readOrderStates } from '../orders/order-states.ts';
import { createSendCommand } from '../orders/send-command.ts';
import { sendCommands } from '../orders/send-commands.ts';
import { commandsOf, orderKeyOf, type ShopCommand } from '../orders/shop-command.ts';
import type { ShopRun } from './start-shop.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;

/** Orders whose commands are sent once more. */
const ORDERS_AGAIN = 10;

/**
 * Lets the time pass for which log and inbox keep what they hold, with deletions that come late by the fault plan, and looks
 * whether the shop is as it was: the operator's audit misses nothing more, and the first orders' commands have no second effect.
 * The schedules of rules are off meanwhile: the sweeps of eighteen days, one a minute, would find nothing.
 */
export async function retentionPasses(
  { run, clients, context, effects, shop, settings: { tenantIds } }: ShopRun,
  {
    plan,
    asCarriedOut = (command) => command,
    signal,
  }: {
    readonly plan: OrderPlan;
    /** With the ids that the shop has given. @default - as the plan has it */
    readonly asCarriedOut?: ((command: ShopCommand) => ShopCommand) | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Invariant> {
  const { outboxRetentionDays, inboxExpiryDays } = selectEnvironment(context).settings;
  const before = await readOrderStates(clients.dynamoDb, shop.ordersTableName);
  const repeatedBefore = effects.repeated().size;
  const audit = async () =>
    listAt(await commandAnswer(['audit', '--grace', '0'], { clients, clock: run.clock }), 'found');
  // a consumer that takes a type anew has events of it that nobody handled, and nobody need
  const missedBefore = new Set((await audit()).map((found) => JSON.stringify(found)));
  const lateBefore = stayed(run.injected());
  const scheduled = run.deployment.rules.filter(
    ({ scheduleExpression, enabled }) => enabled && scheduleExpression !== undefined,
  );

  run.resumeFaults();
  for (const { ruleName, busName } of scheduled) {
    await clients.eventBridge.send(new DisableRuleCommand({ Name: ruleName, EventBusName: busName }));
  }
  while (run.lambda.activity().invocations > 0) await setTimeout(20, undefined, { signal });
  run.clock.advance(Math.max(outboxRetentionDays, inboxExpiryDays) * DAY_MS + HOUR_MS);
  for (const { ruleName, busName } of scheduled) {
    await clients.eventBridge.send(new EnableRuleCommand({ Name: ruleName, EventBusName: busName }));
  }
  await driveTime(run, { signal });
  const refused: string[] = [];
  await sendCommands({
    commands: [...commandsOf(plan.steps.slice(0, ORDERS_AGAIN), tenantIds)].map(asCarriedOut),
    send: createSendCommand(createFunctionCalls(clients.lambda), shop),
    clock: run.clock,
    ordersPerSecond: undefined,
    isBehind: () => false,
    signal,
    onAnswer: (answer) => {
      if (answer.outcome === 'failed') refused.push(`${orderKeyOf(answer.command)} again: ${answer.reason}`);
    },
  });
  await driveTime(run, { signal });
  run.endFaults();

  const audited = (await audit()).map((found) => JSON.stringify(found)).filter((found) => !missedBefore.has(found));
  const after = await readOrderStates(clients.dynamoDb, shop.ordersTableName);
  const changed = [...after].filter(([key, { state }]) => before.get(key)?.state !== state);
  const late = stayed(run.injected()) - lateBefore;
  return invariant(
    'retention: what has expired is neither missed nor handled again',
    [`${late} items stayed past their time, ${after.size} orders are as they were`],
    [
      ...audited.map((found) => `the audit misses what was handled: ${found}`),
      ...(effects.repeated().size > repeatedBefore
        ? ['an event took effect again after its inbox record expired']
        : []),
      ...changed.map(([key, { state }]) => `order ${key} became ${state}`),
      ...refused,
    ],
  );
}

const stayed = (injected: ReturnType<ShopRun['run']['injected']>): number =>
  injected.reduce((sum, { kind, count }) => (kind === 'late-expiry' ? sum + count : sum), 0);
