import {
  type EventSourceMappingConfiguration,
  type LambdaClient,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { PollingUnclearError } from './errors.ts';
import type { ConsumerPolling } from './ports.ts';

export interface LambdaPollingOptions {
  readonly client: LambdaClient;
  readonly functionName: string;
  /** Of a queue; undefined for the stream of a table. */
  readonly queueUrl: string | undefined;
}

/**
 * The event source mapping between the queue, or the stream, and the function.
 * @throws PollingUnclearError `POLLING_UNCLEAR` if the function does not have exactly one
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
 */
export function createLambdaPolling({ client, functionName, queueUrl }: LambdaPollingOptions): ConsumerPolling {
  const queueName = queueUrl?.slice(queueUrl.lastIndexOf('/') + 1);
  const isOwn = (sourceArn: string) =>
    queueName === undefined ? sourceArn.includes('/stream/') : sourceArn.endsWith(`:${queueName}`);

  const findMapping = async (): Promise<EventSourceMappingConfiguration & { readonly UUID: string }> => {
    const found: EventSourceMappingConfiguration[] = [];
    for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings(
      { client },
      { FunctionName: functionName },
    )) {
      found.push(...EventSourceMappings.filter(({ EventSourceArn = '' }) => isOwn(EventSourceArn)));
    }
    const [mapping, ...others] = found;
    if (mapping?.UUID === undefined || others.length > 0) {
      const source = queueName === undefined ? 'a stream' : `queue '${queueName}'`;
      throw new PollingUnclearError(functionName, `exactly one event source mapping for ${source}`, found.length);
    }
    return { ...mapping, UUID: mapping.UUID };
  };

  return {
    async isEnabled() {
      const { State = '' } = await findMapping();
      return !['Disabled', 'Disabling'].includes(State);
    },
    async setEnabled(Enabled) {
      const { UUID } = await findMapping();
      await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
    },
  };
}
