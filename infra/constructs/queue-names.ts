import { Token } from 'aws-cdk-lib';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { GIVEN_QUEUE_NAME_MAX_LENGTH } from './consumer-queues.ts';
import { isSamePlace } from './place-checks.ts';
import { renderedProperties, resourceOf } from './rendered.ts';

/** What is wrong with the prop `queueName`. */
export function queueNameProblem(queueName: string | undefined): string | undefined {
  if (queueName === undefined) return undefined;
  if (Token.isUnresolved(queueName)) {
    return 'queueName must be known at synth, since the queue and its dead-letter queue name each other: got a token';
  }
  const max = GIVEN_QUEUE_NAME_MAX_LENGTH;
  return queueName.length <= max && /^[\w-]+$/.test(queueName)
    ? undefined
    : `queueName must be 1 to ${max} letters, digits, '-' and '_', without '.fifo', got '${queueName}'`;
}

/** Queues of the app that have the name of one of these, in the same account and region: one sentence each. */
export function queueNameProblems(queues: readonly IQueue[]): readonly string[] {
  return queues.flatMap((queue) => {
    const name = givenNameOf(queue);
    if (name === undefined) return [];
    const other = queue.node.root.node
      .findAll()
      .find(
        (each): each is Queue =>
          each instanceof Queue && each !== queue && isSamePlace(each, queue) && givenNameOf(each) === name,
      );
    if (other === undefined) return [];
    return [
      `QueueName of '${queue.node.path}' must be its own in an account and region, got '${name}', which '${other.node.path}' has: give one of the consumers another queueName`,
    ];
  });
}

/** Undefined for a queue that CloudFormation names, and for a name that is known at deployment only. */
function givenNameOf(queue: IQueue): string | undefined {
  const resource = resourceOf(queue);
  const name = resource === undefined ? undefined : renderedProperties(resource)['QueueName'];
  return typeof name === 'string' ? name : undefined;
}
