import { type FunctionConfiguration, type LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { ENV } from '../../lib/definitions/index.ts';
import { compileEventPattern, type EventMatcher } from '../eventbridge/pattern/event-pattern.ts';
import type { DeployedQueue, Deployment } from '../template/deployment.ts';
import { constructOf } from '../template/leave-out.ts';
import { TopologyError } from './errors.ts';

/** A function that remembers in an inbox what it has handled, and the queue that feeds it. */
export interface Consumer {
  readonly name: string;
  readonly functionName: string;
  readonly inboxTableName: string;
  /** Where it keeps how far it has come in each group; undefined when it does not handle groups in strict order. */
  readonly cursorsTableName: string | undefined;
  readonly queue: DeployedQueue;
  /** Its dead-letter queue's ARN. */
  readonly deadLetterQueueArn: string | undefined;
  readonly deadLetterQueueUrl: string | undefined;
  /** Where the bus puts what it cannot deliver to the queue. */
  readonly undeliverableQueueArns: readonly string[];
  /** Whether one of the rules that lead to the queue takes this event of the bus. */
  readonly takes: EventMatcher;
}

/** Where events are, from the log to the inboxes, as the deployed functions are told. */
export interface Topology {
  readonly region: string;
  readonly accountId: string;
  /** Undefined in an app without a hub. */
  readonly outboxTableName: string | undefined;
  readonly pendingTableName: string | undefined;
  readonly consumers: readonly Consumer[];
  /** ARN to name. */
  readonly queueNames: ReadonlyMap<string, string>;
  /** What a function calls itself in its logs, by its name. */
  readonly serviceNames: ReadonlyMap<string, string>;
}

type Rule = Deployment['rules'][number];
type Variables = Readonly<Record<string, string>>;

/** @throws TopologyError `LOCAL_TOPOLOGY_INCOMPLETE` when functions are told of different outboxes: the app has two hubs */
export async function readTopology(deployment: Deployment, client: LambdaClient): Promise<Topology> {
  const variables = new Map<string, Variables>();
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const configuration of Functions) {
      variables.set(configuration.FunctionName ?? '', variablesOf(configuration));
    }
  }
  refuseTwoHubs(deployment, variables);
  const busNames = new Set(valuesOf(variables, ENV.busName));
  return {
    region: deployment.region,
    accountId: deployment.accountId,
    outboxTableName: valuesOf(variables, ENV.outboxTableName)[0],
    pendingTableName: valuesOf(variables, ENV.pendingTableName)[0],
    consumers: findConsumers(deployment, variables, busNames),
    queueNames: new Map(deployment.queues.map(({ arn = '', queueName }) => [arn, queueName])),
    serviceNames: new Map([...variables].map(([name, own]) => [name, own[ENV.serviceName] ?? name])),
  };
}

function findConsumers(
  { mappings, queues, rules }: Deployment,
  variables: ReadonlyMap<string, Variables>,
  busNames: ReadonlySet<string>,
): Consumer[] {
  const queueByArn = new Map(queues.map((queue) => [queue.arn, queue]));
  return mappings.flatMap(({ functionName, eventSourceArn }) => {
    const own = variables.get(functionName);
    const queue = queueByArn.get(eventSourceArn);
    const inboxTableName = own?.[ENV.inboxTableName];
    if (queue === undefined || inboxTableName === undefined) return [];
    const routes = rules.filter((rule) => rule.enabled && busNames.has(rule.busName) && leadsTo(rule, eventSourceArn));
    return [
      {
        name: own?.[ENV.serviceName] ?? functionName,
        functionName,
        inboxTableName,
        cursorsTableName: own?.[ENV.cursorsTableName],
        queue,
        deadLetterQueueArn: queue.deadLetterQueueArn,
        deadLetterQueueUrl: queueByArn.get(queue.deadLetterQueueArn)?.url,
        undeliverableQueueArns: routes.flatMap((rule) => undeliverableQueuesOf(rule, eventSourceArn)),
        takes: anyOf(routes),
      },
    ];
  });
}

const leadsTo = ({ targets }: Rule, queueArn: string): boolean => targets.some(({ arn }) => arn === queueArn);

const undeliverableQueuesOf = ({ targets }: Rule, queueArn: string): string[] =>
  targets.flatMap(({ arn, deadLetterQueueArn }) =>
    arn === queueArn && deadLetterQueueArn !== undefined ? [deadLetterQueueArn] : [],
  );

function anyOf(rules: readonly Rule[]): EventMatcher {
  const matchers = rules.flatMap(({ eventPattern }) =>
    eventPattern === undefined ? [] : [compileEventPattern(JSON.stringify(eventPattern))],
  );
  return (event) => matchers.some((matches) => matches(event));
}

const variablesOf = ({ Environment }: FunctionConfiguration): Variables => Environment?.Variables ?? {};

const valuesOf = (variables: ReadonlyMap<string, Variables>, name: string): string[] =>
  [...variables.values()].flatMap((own) => own[name] ?? []);

/** Tells each hub by its path, and how to leave it out with the functions that use it. */
function refuseTwoHubs({ tables, functions }: Deployment, variables: ReadonlyMap<string, Variables>): void {
  const tableNames = [...new Set(valuesOf(variables, ENV.outboxTableName))];
  if (tableNames.length <= 1) return;
  const pathOf = new Map(functions.map(({ functionName, constructPath }) => [functionName, constructPath]));
  const pathsByTable = Map.groupBy(
    [...variables].flatMap(([name, own]) => {
      const path = pathOf.get(name);
      return path === undefined ? [] : [{ path, tableName: own[ENV.outboxTableName] }];
    }),
    ({ tableName }) => tableName,
  );
  const hubs = tableNames.map((tableName) => {
    const table = tables.find((each) => each.tableName === tableName);
    const hub = table === undefined ? `that of table ${tableName}` : hubPathOf(table.constructPath);
    const own = (pathsByTable.get(tableName) ?? []).map(({ path }) => path);
    const others = tableNames
      .filter((each) => each !== tableName)
      .flatMap((each) => (pathsByTable.get(each) ?? []).map(({ path }) => path));
    const without = [...new Set(own.map((path) => widestAlone(path, others)))];
    return `${hub}${without.length === 0 ? '' : `, left out by ${without.map((path) => `--without '${path}'`).join(' ')}`}`;
  });
  throw new TopologyError(
    `a run has one hub, and the app has ${hubs.length}: ${hubs.join('; ')}: leave all but one out, or synthesize one environment alone (--context, --env)`,
  );
}

/** From the path of its outbox, `Shop/Hub/Outbox/Resource`. */
const hubPathOf = (tablePath: string): string => constructOf(tablePath).split('/').slice(0, -1).join('/');

/** The shortest path above a function that holds none of the others. */
function widestAlone(path: string, others: readonly string[]): string {
  const parents = path.split('/').map((_part, index, parts) => parts.slice(0, index + 1).join('/'));
  return parents.find((parent) => !others.some((other) => other.startsWith(`${parent}/`))) ?? path;
}
