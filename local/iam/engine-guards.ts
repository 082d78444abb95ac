import type { DynamoDb } from '../dynamodb/dynamodb.ts';
import type { JsonService, RestService } from '../endpoint/service.ts';
import type { SecretsManager } from '../secretsmanager/secrets-manager.ts';
import { guardJsonService, guardRestService, guardUnlessUser } from './guards.ts';
import { dynamoDbNeeds } from './needs/dynamodb.ts';
import { streamNeeds } from './needs/dynamodb-streams.ts';
import { eventBridgeNeeds } from './needs/eventbridge.ts';
import { lambdaNeeds } from './needs/lambda.ts';
import type { Place } from './needs/need.ts';
import { s3Needs } from './needs/s3.ts';
import { schedulerNeeds } from './needs/scheduler.ts';
import { secretsManagerNeeds } from './needs/secrets-manager.ts';
import { sqsNeeds } from './needs/sqs.ts';
import { ssmNeeds } from './needs/ssm.ts';
import type { Permissions } from './permissions.ts';

/** Puts IAM before an engine: for the endpoint and for callers within the process alike. */
export interface Guards {
  dynamoDb(engine: Pick<DynamoDb, 'service' | 'partitionKeyOf'>): JsonService;
  streams(service: JsonService): JsonService;
  sqs(service: JsonService): JsonService;
  eventBridge(service: JsonService): JsonService;
  lambda(service: RestService): RestService;
  s3(service: RestService): RestService;
  scheduler(service: RestService): RestService;
  secretsManager(engine: SecretsManager): JsonService;
  ssm(service: JsonService): JsonService;
}

export const createGuards = (permissions: Pick<Permissions, 'authorize'>, place: Place): Guards => ({
  dynamoDb: ({ service, partitionKeyOf }) =>
    guardUnlessUser(service, permissions, (operation, input) => dynamoDbNeeds(operation, input, place, partitionKeyOf)),
  streams: (service) => guardUnlessUser(service, permissions, streamNeeds),
  sqs: (service) => guardJsonService(service, permissions, (operation, input) => sqsNeeds(operation, input, place)),
  eventBridge: (service) =>
    guardJsonService(service, permissions, (operation, input) => eventBridgeNeeds(operation, input, place)),
  lambda: (service) => guardRestService(service, permissions, (request) => lambdaNeeds(request, place)),
  s3: (service) => guardRestService(service, permissions, s3Needs),
  scheduler: (service) => guardRestService(service, permissions, (request) => schedulerNeeds(request, place)),
  secretsManager: ({ service, arnOf }) =>
    guardUnlessUser(service, permissions, (operation, input) => secretsManagerNeeds(operation, input, place, arnOf)),
  ssm: (service) => guardUnlessUser(service, permissions, (operation, input) => ssmNeeds(operation, input, place)),
});
