import type { JsonObject, JsonService, RestService } from '../../../local/endpoint/service.ts';
import type { Engines } from '../../../local/template/engines.ts';

interface RecordedCall {
  readonly operation: string;
  readonly input: unknown;
}

/** Engines that accept everything and remember what they were asked, in order. */
export function recordingEngines(answers: Readonly<Record<string, object>> = {}) {
  const calls: RecordedCall[] = [];
  const record = (operation: string, input: unknown) => void calls.push({ operation, input });
  const service = (targetPrefix: string): JsonService => ({
    targetPrefix,
    jsonVersion: '1.0',
    async handle(operation: string, input: JsonObject) {
      record(operation, input);
      return answers[operation] ?? {};
    },
  });
  const restService = (signingName: string): RestService => ({
    signingName,
    async handle({ method, path, body }) {
      const operation = `${method} ${signingName}:${path}`;
      record(operation, body.length === 0 ? undefined : JSON.parse(body.toString('utf8')));
      return { statusCode: 200, body: JSON.stringify(answers[operation] ?? {}) };
    },
  });
  const engines: Engines = {
    dynamoDb: service('DynamoDB_20120810'),
    sqs: service('AmazonSQS'),
    eventBridge: service('AWSEvents'),
    lambda: {
      functionArn: (name) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      createFunction: (configuration) => record('createFunction', configuration),
      updateFunction: (configuration) => record('updateFunction', configuration),
      deleteFunction: (functionName) => record('deleteFunction', functionName),
      publishVersion(functionName) {
        record('publishVersion', functionName);
        return '1';
      },
      deleteVersion: (...input) => record('deleteVersion', input),
      createAlias: (...input) => record('createAlias', input),
      updateAlias: (...input) => record('updateAlias', input),
      deleteAlias: (...input) => record('deleteAlias', input),
      configureAsync: (...input) => record('configureAsync', input),
      removeAsync: (reference) => record('removeAsync', reference),
      async createEventSourceMapping(configuration) {
        record('createEventSourceMapping', configuration);
        return { uuid: '11111111-2222-4333-8444-555555555555' };
      },
      updateEventSourceMapping: async (...input) => record('updateEventSourceMapping', input),
      deleteEventSourceMapping: async (uuid) => record('deleteEventSourceMapping', uuid),
    },
    httpApis: {
      createApi: (...input) => record('createApi', input),
      updateApi: (...input) => record('updateApi', input),
      deleteApi: (apiId) => record('deleteApi', apiId),
      urlOf: (apiId) => `http://127.0.0.1:4566/_apis/${apiId}`,
      putIntegration: (...input) => record('putIntegration', input),
      deleteIntegration: (...input) => record('deleteIntegration', input),
      putAuthorizer: async (...input) => record('putAuthorizer', input),
      deleteAuthorizer: (...input) => record('deleteAuthorizer', input),
      putRoute: (...input) => record('putRoute', input),
      deleteRoute: (...input) => record('deleteRoute', input),
      putStage: (...input) => record('putStage', input),
      deleteStage: (...input) => record('deleteStage', input),
    },
    s3: restService('s3'),
    scheduler: restService('scheduler'),
    secretsManager: service('secretsmanager'),
    ssm: service('AmazonSSM'),
  };
  return { engines, calls };
}
