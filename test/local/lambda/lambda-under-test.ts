import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import type { JsonService } from '../../../local/endpoint/service.ts';
import type { FunctionConfiguration } from '../../../local/lambda/configuration.ts';
import { createLambda, type Lambda, type LambdaOptions } from '../../../local/lambda/lambda.ts';
import type { EventSources } from '../../../local/lambda/mappings/runner-opener.ts';
import { createFunctionFolder } from './function-folder.ts';

export interface LambdaUnderTest extends AsyncDisposable {
  readonly lambda: Lambda;
  readonly clock: MovableClock;
  /** `function: line` */
  readonly lines: string[];
  /** `level source: message` */
  readonly runLog: string[];
  /** Creates a function from the text of its module. */
  add(source: string, more?: Partial<FunctionConfiguration>, fileName?: string): string;
  /** @throws Error when no such function was added */
  configurationOf(functionName: string): FunctionConfiguration;
  /** Invokes it, and gives what it returned. */
  call(functionName: string, event?: unknown): Promise<unknown>;
}

const noService: JsonService = {
  targetPrefix: 'None',
  jsonVersion: '1.0',
  handle: (operation) => Promise.reject(new Error(`no service for ${operation} in this test`)),
};

const NO_SOURCES: EventSources = { sqs: noService, dynamoDbStreams: noService, onStreamRecords: () => () => {} };

/** A Lambda host of region eu-west-1, account 123456789012, with countable ids. */
export function openLambda(options: Partial<LambdaOptions> = {}, sources: Partial<EventSources> = {}): LambdaUnderTest {
  const folder = createFunctionFolder();
  // time moves when a test moves it
  const startedAt = Date.now();
  const clock = options.clock ?? createMovableClock(() => startedAt);
  const lines: string[] = [];
  const runLog: string[] = [];
  const added = new Map<string, FunctionConfiguration>();
  let ids = 0;
  let functions = 0;
  const lambda = createLambda(
    {
      clock,
      region: 'eu-west-1',
      accountId: '123456789012',
      log: (level, source, message) => runLog.push(`${level} ${source}: ${message}`),
      endpointUrl: () => 'http://127.0.0.1:4566',
      credentialsOf: (roleArn) => ({ accessKeyId: `KEY/${roleArn}`, secretAccessKey: 'secret', sessionToken: 'token' }),
      newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
      random: () => 0.5,
      compileEventPattern: () => () => true,
      onLogLine: (functionName, line) => lines.push(`${functionName}: ${line}`),
      ...options,
    },
    { ...NO_SOURCES, ...sources },
  );
  const call = async (functionName: string, event: unknown = {}): Promise<unknown> =>
    JSON.parse((await lambda.invoke(functionName, JSON.stringify(event))).payload);

  return {
    lambda,
    clock,
    lines,
    runLog,
    add(source, more = {}, fileName = 'index.mjs') {
      const functionName = more.functionName ?? `function-${++functions}`;
      const configuration = {
        functionName,
        codeFolder: folder.write({ [fileName]: source }),
        handler: 'index.handler',
        runtime: 'nodejs24.x',
        timeoutSeconds: 30,
        memoryMb: 128,
        environment: {},
        roleArn: 'arn:aws:iam::123456789012:role/function',
        ...more,
      };
      lambda.createFunction(configuration);
      added.set(functionName, configuration);
      return functionName;
    },
    configurationOf(functionName) {
      const configuration = added.get(functionName);
      if (configuration === undefined) throw new Error(`function '${functionName}' was not added`);
      return configuration;
    },
    call,
    async [Symbol.asyncDispose]() {
      await lambda.close(0);
      folder.remove();
    },
  };
}
