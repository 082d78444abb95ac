import { ENV } from '../contracts/index.ts';
import type { DeployedConsumer, Deployment } from './deployment.ts';
import { DeploymentUnclearError, QueueMistakenError } from './errors.ts';

/**
 * Where to look for what is undeliverable to a consumer.
 * @param from a queue of the consumer's that is out of its stack; undefined takes the one that it has
 * @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` where an older version deployed the function, and what to do;
 * QueueMistakenError `QUEUE_MISTAKEN` where `from` is another queue that is in use: what is sent from it is lost to whom it is for
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
    `${consumer.functionName} lacks ${ENV.undeliverableQueueUrl}: deploy the stacks again with this version, or name the queue with --from`,
  );
}

const queuesOf = ({ functionName, name, queueUrl, deadLetterQueueUrl, variables }: DeployedConsumer) => [
  { url: queueUrl, what: `the queue of '${name}' (${functionName})` },
  { url: deadLetterQueueUrl, what: `the dead-letter queue of '${name}' (${functionName})` },
  { url: variables[ENV.undeliverableQueueUrl] ?? '', what: `the undeliverable queue of '${name}' (${functionName})` },
];

/** Account and name: an endpoint has several names. */
const placeOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);
