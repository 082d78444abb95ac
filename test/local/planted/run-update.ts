import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { type Caller, type JsonObject, USER } from '../../../local/endpoint/service.ts';
import { createRandom } from '../../../local/seeded-random.ts';
import { DeploymentError } from '../../../local/template/errors.ts';
import { objectAt } from '../../../local/template/json.ts';
import { openUpdateRig, type UpdateRig } from '../template/updates/rig.ts';
import { KNOWN_TYPES, type Template, VERSION, type Versions } from './hub-versions.ts';

/** What an update showed that broke a promise; empty when every promise was kept. */
type Wrong = readonly string[];

const EVENTS = [
  { source: '/orders', type: 'com.example.order.placed' },
  { source: '/orders', type: 'com.example.order.cancelled' },
  { source: '/payments', type: 'com.example.payment.captured' },
] as const;

/** One delivery in so many is refused for good, so that the event is to be put aside. */
const REFUSED_EVERY = 4;

interface Detail extends JsonObject {
  readonly id: string;
  readonly type: string;
}

/** An event that a rule has matched, and where it is to be. */
interface Due {
  readonly detail: Detail;
  /** Of the queue that the rule sends to. */
  readonly queueArn: string;
}

/** Updates a stack in one order, with an event of each type before, between and after all steps. */
async function runUpdate({ first, second }: Versions, seed: number): Promise<Wrong> {
  const wrong: string[] = [];
  const random = createRandom(seed);
  const refused = new Set<string>();
  const reached = new Set<string>();
  await using rig = await openUpdateRig(first, {
    faults: {
      onAttempt: ({ event, targetArn }) =>
        refused.has(`${String(objectAt(event, 'detail')['id'])} ${targetArn}`)
          ? new AwsError('QueueDoesNotExist', 'the delivery is refused for good')
          : undefined,
    },
    onHandled({ functionName, environment }, body) {
      const { id, type } = JSON.parse(body) as Detail;
      reached.add(`${id} ${functionName}`);
      const name = environment['POWERTOOLS_SERVICE_NAME'] ?? '';
      const known = KNOWN_TYPES[name]?.[environment[VERSION] === '1' ? 1 : 2] ?? [];
      if (!known.includes(type)) wrong.push(`${name} ${environment[VERSION]} gets ${type}, which it does not know`);
    },
  });
  const due: Due[] = [];
  let sent = 0;
  const send = async () => {
    for (const { source, type } of EVENTS) {
      sent += 1;
      const detail = { id: `event-${sent}`, source, type, partitionkey: `order#${sent}`, sequence: '1' };
      const queues = rig.eventBridge.targetsOf(envelopeOf(rig, detail));
      for (const queueArn of queues) {
        due.push({ detail, queueArn });
        if (random() * REFUSED_EVERY < 1) refused.add(`${detail.id} ${queueArn}`);
      }
      if (!(await publish(rig, detail, relayOf(rig)))) wrong.push(`${type} is not published: the relay is refused`);
    }
    await rig.settle();
  };

  rig.onStep(send);
  await send();
  try {
    await rig.update(second, seed);
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error;
    wrong.push(error.message);
  }
  await send();
  if (await publish(rig, { id: 'forged', source: '/orders', type: EVENTS[0].type, partitionkey: 'order#0' }, USER)) {
    wrong.push('an event is on the bus that no relay has published');
  }
  for (const { detail, queueArn } of due) {
    const { queue, aside, functionName } = placesOf(rig, queueArn);
    if (reached.has(`${detail.id} ${functionName}`)) continue;
    const isRefused = refused.has(`${detail.id} ${queueArn}`);
    if (isRefused && rig.bodiesIn(aside).some((body) => body.includes(`"${detail.id}"`))) continue;
    wrong.push(`${detail.type} ${isRefused ? 'was undeliverable, and is nowhere' : `is not in ${queue}`}`);
  }
  return wrong;
}

/** Searches orders of an update, drawn by the seed, for one that breaks a promise. @returns after how many orders, and what */
export async function searchOrders(
  versions: Versions,
  plant: (template: Template) => Template,
  { seed, orders }: { readonly seed: number; readonly orders: number },
): Promise<{ readonly orders: number; readonly wrong: Wrong }> {
  const planted = { first: plant(versions.first), second: plant(versions.second) };
  const random = createRandom(seed);
  for (let order = 1; order <= orders; order++) {
    const wrong = await runUpdate(planted, Math.floor(random() * 2 ** 31));
    if (wrong.length > 0) return { orders: order, wrong };
  }
  return { orders, wrong: [] };
}

const envelopeOf = ({ live }: UpdateRig, detail: JsonObject) => ({
  source: detail['source'],
  'detail-type': detail['type'],
  account: live.describe().accountId,
  detail,
});

function relayOf({ live, permissions }: UpdateRig): Caller {
  const relay = live.describe().functions.find(({ logicalId }) => logicalId.startsWith('HubRelay'));
  const caller = permissions.functionCaller(relay?.functionName ?? '');
  if (caller === undefined) throw new Error('the template has no relay');
  return caller;
}

/** @returns false where the caller may not */
async function publish({ live, guardedBus }: UpdateRig, detail: JsonObject, caller: Caller): Promise<boolean> {
  const [bus] = live.describe().buses;
  const entry = { Source: detail['source'], DetailType: detail['type'], Detail: JSON.stringify(detail) };
  try {
    await guardedBus.handle('PutEvents', { Entries: [{ EventBusName: bus?.busName, ...entry }] }, caller);
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'AccessDeniedException') return false;
    throw error;
  }
}

function placesOf({ live }: UpdateRig, queueArn: string) {
  const { queues, rules, mappings } = live.describe();
  const target = rules.flatMap(({ targets }) => targets).find(({ arn }) => arn === queueArn);
  return {
    queue: queues.find(({ arn }) => arn === queueArn)?.logicalId ?? queueArn,
    aside: target?.deadLetterQueueArn ?? '',
    functionName: mappings.find(({ eventSourceArn }) => eventSourceArn === queueArn)?.functionName ?? '',
  };
}
