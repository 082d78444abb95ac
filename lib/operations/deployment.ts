import {
  type DeployedEventType,
  type DeployedSync,
  ENV,
  EVENT_INDEXES,
  type EventIndexes,
  type Ordering,
  readDeployedSync,
  readEventTypes,
  type Takes,
} from '../definitions/index.ts';
import {
  ConsumerUnknownError,
  DeploymentUnclearError,
  ProjectionUnknownError,
  QueueMistakenError,
  SagaUnknownError,
  SyncUnknownError,
} from './errors.ts';

/** A function and its environment variables. */
export interface DeployedFunction {
  readonly functionName: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A consumer, read from the environment variables of its function. */
export interface DeployedConsumer {
  readonly name: string;
  readonly functionName: string;
  readonly ordering: Ordering;
  readonly events: readonly DeployedEventType[];
  readonly eventTypes: readonly string[];
  readonly takes: Takes;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly inboxTableName: string;
  readonly inboxExpirySeconds: number;
  /** All variables of the function. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The function that rebuilds the view of a projection. */
export interface DeployedRebuilder {
  readonly projection: string;
  readonly functionName: string;
}

/** What publishes the events of the outbox. */
export const PUBLISHERS = ['relay', 'sweeper'] as const;

export type Publisher = (typeof PUBLISHERS)[number];

/** One environment. */
export interface Deployment {
  readonly environmentName: string;
  readonly outboxTableName: string;
  readonly pendingTableName: string;
  readonly inboxTableName: string;
  /** Empty if no consumer is strict. */
  readonly cursorsTableName: string;
  /** Undefined if an older version deployed the hub, or its sweeper is not found. */
  readonly operatorTableName: string | undefined;
  readonly outboxRetentionSeconds: number;
  /** Which indexes the outbox log has. */
  readonly eventIndexes: EventIndexes;
  readonly consumers: readonly DeployedConsumer[];
  readonly rebuilders: readonly DeployedRebuilder[];
  /** The parameter in which settings are tuned; undefined if an older version deployed the consumers. */
  readonly settingsParameterName: string | undefined;
  /** Undefined if the function is not found. */
  readonly publishers: Readonly<Record<Publisher, string | undefined>>;
  /** Of the sweeper; undefined if its function is not found. */
  readonly sweepAfterSeconds: number | undefined;
  /** Of the functions' logs. */
  readonly logLevel: string | undefined;
  /** Consumers of all other environments in the account and region. */
  readonly elsewhere: readonly DeployedConsumer[];
}

/** The default of the constructs' environmentName. */
const DEFAULT_ENVIRONMENT = 'default';

const NEEDED = [
  ENV.serviceName,
  ENV.ordering,
  ENV.eventTypes,
  ENV.queueUrl,
  ENV.deadLetterQueueUrl,
  ENV.inboxTableName,
  ENV.inboxExpirySeconds,
  ENV.outboxTableName,
  ENV.pendingTableName,
  ENV.outboxRetentionSeconds,
] as const;

const NEEDED_IF_STRICT = [ENV.cursorsTableName, ENV.startFrom] as const;

/**
 * The consumers of an environment, from the variables of the functions of an account and region; empty if it has none.
 * @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` if variables are missing
 */
export function consumersOf(
  functions: readonly DeployedFunction[],
  environmentName: string,
): readonly DeployedConsumer[] {
  const own = functions.filter(
    (each) => each.variables[ENV.inboxTableName] !== undefined && environmentOf(each) === environmentName,
  );
  assertComplete(own);
  return own.map(consumerOf).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Reads the deployment of an environment from the variables of the functions of an account and region.
 * @param environmentName required if there is more than one
 * @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` if variables are missing or contradict each other
 */
export function readDeployment(functions: readonly DeployedFunction[], environmentName?: string): Deployment {
  const consuming = functions.filter(({ variables }) => variables[ENV.inboxTableName] !== undefined);
  const names = [...new Set(consuming.map(environmentOf))].toSorted();
  const name = chooseEnvironment(names, environmentName);
  const own = consuming.filter((candidate) => environmentOf(candidate) === name);
  assertComplete(own);
  const theOne = (variable: string): string => {
    const [value = '', ...others] = [...new Set(own.map(({ variables }) => variables[variable] ?? ''))];
    if (others.length === 0) return value;
    throw new DeploymentUnclearError(
      `the consumers of environment '${name}' must share one ${variable}, got ${[value, ...others].join(', ')}: give each hub its own environmentName`,
    );
  };
  const settingsParameterName = own.map(({ variables }) => variables[ENV.settingsParameterName]).find(Boolean);
  const ofHub = functions.filter(
    ({ variables }) =>
      variables[ENV.busName] !== undefined && variables[ENV.settingsParameterName] === settingsParameterName,
  );
  const sweeping = ofHub.find(({ variables }) => variables[ENV.sweepAfterSeconds] !== undefined);
  const relaying = ofHub.find(({ variables }) => variables[ENV.serviceName] === 'relay');
  const sweeper = sweeping?.variables;
  return {
    settingsParameterName,
    publishers: { relay: relaying?.functionName, sweeper: sweeping?.functionName },
    sweepAfterSeconds: sweeper === undefined ? undefined : Number(sweeper[ENV.sweepAfterSeconds]),
    logLevel: (sweeper ?? own[0]?.variables)?.[ENV.logLevel],
    operatorTableName: sweeper?.[ENV.operatorTableName],
    environmentName: name,
    outboxTableName: theOne(ENV.outboxTableName),
    pendingTableName: theOne(ENV.pendingTableName),
    inboxTableName: theOne(ENV.inboxTableName),
    cursorsTableName: own.map(({ variables }) => variables[ENV.cursorsTableName]).find(Boolean) ?? '',
    eventIndexes:
      EVENT_INDEXES.find((each) => own.some(({ variables }) => variables[ENV.eventIndexes] === each)) ?? 'none',
    outboxRetentionSeconds: Number(theOne(ENV.outboxRetentionSeconds)),
    consumers: own.map(consumerOf).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    elsewhere: consuming.filter((candidate) => !own.includes(candidate)).map(consumerOf),
    rebuilders: functions
      .filter((candidate) => environmentOf(candidate) === name)
      .flatMap(({ functionName, variables: { [ENV.rebuilds]: projection } }) =>
        projection === undefined ? [] : [{ projection, functionName }],
      ),
  };
}

/**
 * @throws ConsumerUnknownError `CONSUMER_UNKNOWN` listing the existing ones
 * @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` if two functions have the name, in two apps perhaps
 */
export function consumerNamed({ environmentName, consumers }: Deployment, name: string): DeployedConsumer {
  const [consumer, ...others] = consumers.filter((candidate) => candidate.name === name);
  if (others.length > 0) {
    const functions = [consumer, ...others].map((each) => each?.functionName).join(' and ');
    throw new DeploymentUnclearError(
      `one function must be consumer '${name}' of environment '${environmentName}', got ${functions}: they share inbox records and cursors, and each misses events; rename the subscription of one of them, or wait if a deployment is moving it`,
    );
  }
  if (consumer !== undefined) return consumer;
  throw new ConsumerUnknownError(
    name,
    environmentName,
    consumers.map((candidate) => candidate.name),
  );
}

/**
 * Finds a consumer of any kind by name.
 * @throws SagaUnknownError `SAGA_UNKNOWN` listing the process managers
 */
export function sagaNamed({ environmentName, consumers }: Deployment, name: string): DeployedConsumer {
  const consumer = consumers.find((candidate) => candidate.name === name);
  if (consumer !== undefined) return consumer;
  const managers = consumers.filter(({ variables }) => variables[ENV.sagasTableName] !== undefined);
  throw new SagaUnknownError(
    name,
    environmentName,
    managers.map((candidate) => candidate.name),
  );
}

/** A deployed sync, and the consumer that runs it. */
export interface OperableSync {
  readonly sync: DeployedSync;
  readonly consumer: DeployedConsumer;
}

/** The syncs of an environment, by name. */
export const syncsOf = ({ consumers }: Pick<Deployment, 'consumers'>): readonly OperableSync[] =>
  consumers
    .flatMap((consumer) => {
      const sync = readDeployedSync(consumer.variables);
      return sync === undefined ? [] : [{ sync, consumer }];
    })
    .toSorted((a, b) => (a.sync.name < b.sync.name ? -1 : 1));

/** @throws SyncUnknownError `SYNC_UNKNOWN` listing the existing ones */
export function syncNamed(deployment: Pick<Deployment, 'consumers' | 'environmentName'>, name: string): OperableSync {
  const syncs = syncsOf(deployment);
  const found = syncs.find(({ sync }) => sync.name === name);
  if (found !== undefined) return found;
  throw new SyncUnknownError(
    name,
    deployment.environmentName,
    syncs.map(({ sync }) => sync.name),
  );
}

/** @throws ProjectionUnknownError `PROJECTION_UNKNOWN` listing the existing ones */
export function rebuilderOf({ environmentName, rebuilders }: Deployment, projection: string): DeployedRebuilder {
  const rebuilder = rebuilders.find((candidate) => candidate.projection === projection);
  if (rebuilder !== undefined) return rebuilder;
  throw new ProjectionUnknownError(
    projection,
    environmentName,
    rebuilders.map((candidate) => candidate.projection),
  );
}

const environmentOf = ({ variables }: DeployedFunction): string =>
  variables[ENV.environmentName] ?? DEFAULT_ENVIRONMENT;

function chooseEnvironment(names: readonly string[], wanted: string | undefined): string {
  const [only] = names;
  if (only === undefined) {
    throw new DeploymentUnclearError(
      `no function has the variable ${ENV.inboxTableName}: check the region, the account and AWS_ENDPOINT_URL, and whether the stacks are deployed`,
    );
  }
  if (wanted === undefined && names.length > 1) {
    throw new DeploymentUnclearError(`there are several environments: pass --env with one of ${names.join(', ')}`);
  }
  if (wanted !== undefined && !names.includes(wanted)) {
    throw new DeploymentUnclearError(`there is no environment '${wanted}': choose one of ${names.join(', ')}`);
  }
  return wanted ?? only;
}

function assertComplete(functions: readonly DeployedFunction[]): void {
  const problems = functions.flatMap(({ functionName, variables }) => {
    const needed = variables[ENV.ordering] === 'strict' ? [...NEEDED, ...NEEDED_IF_STRICT] : NEEDED;
    const missing = needed.filter((name) => (variables[name] ?? '') === '');
    return missing.length === 0 ? [] : [`${functionName} lacks ${missing.join(', ')}`];
  });
  if (problems.length === 0) return;
  throw new DeploymentUnclearError(`${problems.join('; ')}: deploy the stacks again with this version`);
}

function consumerOf({ functionName, variables }: DeployedFunction): DeployedConsumer {
  const events = readEventTypes(variables);
  return {
    name: variables[ENV.serviceName] ?? '',
    functionName,
    ordering: variables[ENV.ordering] === 'strict' ? 'strict' : 'fifo',
    events,
    eventTypes: events.map(({ type }) => type),
    takes: takesIn(events),
    queueUrl: variables[ENV.queueUrl] ?? '',
    deadLetterQueueUrl: variables[ENV.deadLetterQueueUrl] ?? '',
    inboxTableName: variables[ENV.inboxTableName] ?? '',
    inboxExpirySeconds: Number(variables[ENV.inboxExpirySeconds]),
    variables,
  };
}

/** Compares only types if an older version deployed the function. */
const takesIn =
  (events: readonly DeployedEventType[]): Takes =>
  ({ type, source }) =>
    events.some((event) => event.type === type && (event.source ?? source) === source);

/**
 * The URL of a consumer's undeliverable queue.
 * @param from a former undeliverable queue of the consumer; undefined for the current one
 * @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` if an older version deployed the function. @throws
 * QueueMistakenError `QUEUE_MISTAKEN` if `from` is another queue that is in use
 */
export function undeliverableQueueUrlOf(
  consumer: DeployedConsumer,
  { consumers, elsewhere }: Pick<Deployment, 'consumers' | 'elsewhere'>,
  from: string | undefined,
): string {
  const own = consumer.variables[ENV.undeliverableQueueUrl] ?? '';
  if (from !== undefined) {
    const inUse = [...consumers, ...elsewhere].flatMap(queuesOf);
    const mistaken = inUse.find(({ url }) => placeOf(url) === placeOf(from) && placeOf(url) !== placeOf(own));
    if (mistaken !== undefined) throw new QueueMistakenError(from, mistaken.what, consumer.name);
    return from;
  }
  if (own !== '') return own;
  throw new DeploymentUnclearError(
    `${consumer.functionName} lacks ${ENV.undeliverableQueueUrl}: deploy the stacks again with this version, or pass the queue with --from`,
  );
}

const queuesOf = ({ functionName, name, queueUrl, deadLetterQueueUrl, variables }: DeployedConsumer) => [
  { url: queueUrl, what: `the queue of '${name}' (${functionName})` },
  { url: deadLetterQueueUrl, what: `the dead-letter queue of '${name}' (${functionName})` },
  { url: variables[ENV.undeliverableQueueUrl] ?? '', what: `the undeliverable queue of '${name}' (${functionName})` },
];

/** Compares account and name only, because an endpoint has several host names. */
const placeOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);
