import type { Topology } from '../ledger/topology.ts';

export interface LookInFacts {
  readonly run: { readonly endpointUrl: string; readonly region: string };
  readonly topology: Pick<Topology, 'consumers' | 'outboxTableName'>;
}

/**
 * How the AWS CLI is called: versions before 2.13 and 1.29 do not know the variable of the endpoint.
 * @public a driver prints commands of its own
 */
export const AWS_COMMAND = 'aws --endpoint-url $AWS_ENDPOINT_URL';

/** What a shell needs to reach the run. */
export const shellVariables = ({ endpointUrl, region }: LookInFacts['run']): string[] => [
  `  export AWS_ENDPOINT_URL=${endpointUrl} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
  // SDKs and version 2 of the CLI read the one, version 1 the other
  `  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
];

/**
 * Commands to paste while a run is up: what a dead-letter queue holds, and what the outbox holds.
 * None puts an event on the bus: its policy denies that to everybody but relay and sweeper.
 */
export function lookIn({ consumers, outboxTableName }: LookInFacts['topology']): string[] {
  const deadLetterQueueUrl = consumers[0]?.deadLetterQueueUrl;
  const receive = 'sqs receive-message --attribute-names All --visibility-timeout 0 --queue-url';
  return [
    ...(deadLetterQueueUrl === undefined ? [] : [`  ${AWS_COMMAND} ${receive} ${deadLetterQueueUrl}`]),
    ...(outboxTableName === undefined
      ? []
      : [`  ${AWS_COMMAND} dynamodb scan --max-items 3 --table-name ${outboxTableName}`]),
  ];
}
