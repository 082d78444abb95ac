import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';

interface Command {
  readonly input: object;
}

/** Takes a request in place of the network. @param operation as the service calls it, such as `GetItem` */
export type Send = (operation: string, input: object) => Promise<unknown>;

const operationOf = (command: Command): string => command.constructor.name.replace(/Command$/, '');

const isAnObject = { addRelativeTo: () => undefined, identify: () => [] };

const clientOf = <Client extends object>(prototype: Client, send: Send): Client =>
  // paginators and Powertools ask whether it is one of the SDK's; a real one takes longer to build than a whole run
  Object.create(prototype, {
    send: { value: (command: Command) => send(operationOf(command), command.input) },
    config: { value: {} },
    middlewareStack: { value: isAnObject },
  });

/** The SDK's clients, with a model in place of the service. */
export const modelDynamoDb = (send: Send): DynamoDBClient => clientOf(DynamoDBClient.prototype, send);
export const modelSqs = (send: Send): SQSClient => clientOf(SQSClient.prototype, send);
