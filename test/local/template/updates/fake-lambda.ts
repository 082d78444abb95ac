import { AwsError } from '../../../../local/endpoint/aws-error.ts';
import { type JsonService, USER } from '../../../../local/endpoint/service.ts';
import type { FunctionConfiguration } from '../../../../local/lambda/configuration.ts';
import type { EventSourceMappingConfiguration } from '../../../../local/lambda/mappings/configuration.ts';
import type { Engines } from '../../../../local/template/engines.ts';
import { recordingEngines } from '../recording-engines.ts';

/** Functions that note what they get; their mappings move when they are told to. */
export interface FakeLambda {
  readonly functions: ReadonlyMap<string, FunctionConfiguration>;
  /** By UUID. */
  readonly mappings: ReadonlyMap<string, EventSourceMappingConfiguration>;
  /** Bodies that a function has handled, by its name; deleted functions too. */
  readonly handled: ReadonlyMap<string, readonly string[]>;
  /** Hands everything that is in the queues to the functions; gives how many messages there were. */
  pump(): Promise<number>;
  /** @param count runs before each call. */
  counted(count: () => void): Engines['lambda'];
}

export interface FakeLambdaOptions {
  readonly sqs: JsonService;
  readonly newId: () => string;
  /** Hears of each body, and of the function as it was configured at that moment. */
  readonly onHandled?: (configuration: FunctionConfiguration, body: string) => void;
}

export function createFakeLambda({ sqs, newId, onHandled = () => {} }: FakeLambdaOptions): FakeLambda {
  const functions = new Map<string, FunctionConfiguration>();
  const mappings = new Map<string, EventSourceMappingConfiguration>();
  const handled = new Map<string, string[]>();
  const { lambda } = recordingEngines().engines;
  const existing = <T>(map: ReadonlyMap<string, T>, name: string) => {
    if (!map.has(name)) throw new AwsError('ResourceNotFoundException', `${name} does not exist`);
  };

  const takeFrom = async ({ functionName, eventSourceArn }: EventSourceMappingConfiguration): Promise<number> => {
    const [, , service, , , QueueName] = eventSourceArn.split(':');
    if (service !== 'sqs') return 0;
    const { QueueUrl } = (await sqs.handle('GetQueueUrl', { QueueName }, USER)) as { readonly QueueUrl: string };
    const { Messages = [] } = (await sqs.handle('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 }, USER)) as {
      readonly Messages?: readonly { readonly Body: string; readonly ReceiptHandle: string }[];
    };
    for (const { Body, ReceiptHandle } of Messages) {
      handled.set(functionName, [...(handled.get(functionName) ?? []), Body]);
      const configuration = functions.get(functionName);
      if (configuration !== undefined) onHandled(configuration, Body);
      await sqs.handle('DeleteMessage', { QueueUrl, ReceiptHandle }, USER);
    }
    return Messages.length;
  };

  return {
    functions,
    mappings,
    handled,
    async pump() {
      let messages = 0;
      for (const mapping of mappings.values()) {
        if (functions.has(mapping.functionName)) messages += await takeFrom(mapping);
      }
      return messages;
    },
    counted: (count) => ({
      ...lambda,
      createFunction(configuration) {
        count();
        functions.set(configuration.functionName, configuration);
      },
      updateFunction(configuration) {
        count();
        existing(functions, configuration.functionName);
        functions.set(configuration.functionName, configuration);
      },
      deleteFunction(functionName) {
        count();
        existing(functions, functionName);
        functions.delete(functionName);
      },
      async createEventSourceMapping(configuration) {
        count();
        existing(functions, configuration.functionName);
        const uuid = newId();
        mappings.set(uuid, configuration);
        return { uuid };
      },
      async updateEventSourceMapping(uuid, configuration) {
        count();
        existing(mappings, uuid);
        mappings.set(uuid, configuration);
      },
      async deleteEventSourceMapping(uuid) {
        count();
        existing(mappings, uuid);
        mappings.delete(uuid);
      },
    }),
  };
}
