import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { until } from '../../fixtures/until.ts';
import { createGate } from './gate.ts';
import { openLambda } from './lambda-under-test.ts';

const NOON = Date.UTC(2026, 10, 20, 12, 0, 0);

describe('an execution environment', () => {
  it('keeps the state of a module between invocations while warm', async () => {
    await using host = openLambda();
    const counter = host.add('let calls = 0; export const handler = async () => ++calls;');

    await host.call(counter);
    await host.call(counter);
    const third = await host.call(counter);

    expect(third).toBe(3);
  });

  it('gives each environment a module state of its own', async () => {
    let begun = 0;
    await using host = openLambda({ faults: { onInvocation: () => void begun++ } });
    const gate = createGate();
    const counter = host.add(`let calls = 0; export const handler = async () => { ${gate.pass} return ++calls; };`);

    const results = Promise.all([host.call(counter), host.call(counter), host.call(counter)]);
    await until(() => begun === 3);
    gate.open();

    expect(await results).toEqual([1, 1, 1]);
  });

  it('gives the handler the context of its invocation', async () => {
    await using host = openLambda();
    const shower = host.add(
      'export const handler = async (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() });',
      { functionName: 'shower', timeoutSeconds: 900, memoryMb: 256 },
    );

    const context = await host.call(shower);

    expect(context).toMatchObject({
      functionName: 'shower',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:shower',
      memoryLimitInMB: '256',
      awsRequestId: '00000000-0000-4000-8000-000000000002',
      logGroupName: '/aws/lambda/shower',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      callbackWaitsForEmptyEventLoop: true,
      // a busy machine starts it late
      remaining: expect.toSatisfy((ms: number) => ms > 600_000 && ms <= 900_000),
    });
  });

  it.each(['nodejs20.x', 'nodejs22.x'])(
    'may answer by a callback on %s, by its own promise, or with an error',
    async (runtime) => {
      await using host = openLambda();
      const add = (body: string) =>
        host.add(`export const handler = (event, context, callback) => { ${body} };`, { runtime });

      const answers = [
        await host.call(add('setTimeout(() => callback(null, event.order), 1);'), { order: 7 }),
        await host.call(add('return Promise.resolve(8);')),
        await host.call(add("callback(new TypeError('no such order'));")),
      ];

      expect(answers).toMatchObject([7, 8, { errorType: 'TypeError', errorMessage: 'no such order' }]);
    },
  );

  it('sees the variables of its template and of Lambda, and none of the host', async () => {
    process.env['SECRET_OF_THE_HOST'] = 'x';
    await using host = openLambda();
    const shower = host.add('export const handler = async () => process.env;', {
      functionName: 'shower',
      environment: { TABLE: 'orders' },
      logGroup: '/shop/shower',
    });

    const variables = await host.call(shower);

    delete process.env['SECRET_OF_THE_HOST'];
    expect(variables).toEqual({
      TABLE: 'orders',
      PATH: process.env['PATH'],
      TZ: 'UTC',
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0$/,
      ),
      LAMBDA_TASK_ROOT: expect.stringContaining('lambda-test-'),
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'shower',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/shop/shower',
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringContaining('[$LATEST]'),
      AWS_ACCESS_KEY_ID: 'KEY/arn:aws:iam::123456789012:role/function',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    });
  });

  it('loads a CommonJS bundle in a folder below a package of ES modules', async () => {
    await using host = openLambda();
    const plain = host.add('exports.handler = async (event) => ({ got: event.n });', {}, 'index.js');

    const result = await host.call(plain, { n: 5 });

    expect(result).toEqual({ got: 5 });
  });

  it('takes its dates from the clock of the run', async () => {
    const clock = createMovableClock(() => NOON);
    await using host = openLambda({ clock });
    const teller = host.add(
      `const before = new Date(0);
       export const handler = async () => ({
         ahead: Date.now() - performance.timeOrigin - performance.now() > 23 * 3600e3,
         sameDay: new Date().getTime() - Date.now() < 1000,
         given: new Date('2020-01-02T03:04:05Z').toISOString(),
         isDate: before instanceof Date && new Date() instanceof Date && new (class extends Date {})() instanceof Date,
         utc: Date.UTC(2020, 0),
         text: typeof Date(),
       });`,
    );
    await host.call(teller);

    clock.advance(24 * 3600 * 1000);
    const told = await host.call(teller);

    expect(told).toEqual({
      ahead: true,
      sameDay: true,
      given: '2020-01-02T03:04:05.000Z',
      isDate: true,
      utc: 1577836800000,
      text: 'string',
    });
  });

  it('emits all log lines of an invocation before its result', async () => {
    await using host = openLambda();
    const talker = host.add(
      `export const handler = async () => {
         console.log('one\\ntwo'); console.error('three'); process.stdout.write('fo'); process.stdout.write('ur');
       };`,
      { functionName: 'talker' },
    );

    await host.call(talker);

    expect(host.lines).toEqual(['talker: one', 'talker: two', 'talker: three', 'talker: four']);
  });

  it('answers null for a handler that returns nothing', async () => {
    await using host = openLambda();
    const silent = host.add('export const handler = () => {};');

    const result = await host.lambda.invoke(silent, '{}');

    expect(result).toMatchObject({ statusCode: 200, payload: 'null', executedVersion: '$LATEST' });
    expect(result.functionError).toBeUndefined();
  });

  it('finds nested exports and modules in folders', async () => {
    await using host = openLambda();
    const nested = host.add('export const api = { get: async () => "got" };', { handler: 'index.api.get' });

    const result = await host.call(nested);

    expect(result).toBe('got');
  });
});

describe('a function whose code is replaced', () => {
  it('runs the new code and settings from the next invocation on', async () => {
    await using host = openLambda();
    const name = host.add('export const handler = async () => "old";');
    const other = host.add(
      'export const handler = async (_event, context) => [process.env.GREETING, context.memoryLimitInMB].join(" ");',
    );
    await host.call(name);

    host.lambda.updateFunction({
      ...host.configurationOf(other),
      functionName: name,
      environment: { GREETING: 'new' },
      memoryMb: 256,
    });

    expect(await host.call(name)).toBe('new 256');
  });

  it('lets running invocations finish with the old code', async () => {
    await using host = openLambda();
    const gate = createGate();
    const name = host.add(`export const handler = async () => { console.log("began"); ${gate.pass} return "old"; };`);
    const other = host.add('export const handler = async () => "new";');
    const underWay = host.call(name);
    await expect.poll(() => host.lines).toEqual([`${name}: began`]);

    host.lambda.updateFunction({ ...host.configurationOf(other), functionName: name });
    gate.open();

    expect(await underWay).toBe('old');
    expect(await host.call(name)).toBe('new');
  });

  it('refuses settings that Lambda refuses, and keeps the old ones', async () => {
    await using host = openLambda();
    const name = host.add('export const handler = async () => "old";');

    expect(() => host.lambda.updateFunction({ ...host.configurationOf(name), timeoutSeconds: 901 })).toThrow(
      expect.objectContaining({ code: 'InvalidParameterValueException' }),
    );
    expect(await host.call(name)).toBe('old');
  });

  it('refuses a function that does not exist', async () => {
    await using host = openLambda();
    const name = host.add('export const handler = async () => "old";');

    expect(() => host.lambda.updateFunction({ ...host.configurationOf(name), functionName: 'nobody' })).toThrow(
      expect.objectContaining({ code: 'ResourceNotFoundException' }),
    );
  });
});

describe('the AWS SDK, which a bundle leaves to the runtime', () => {
  it('is available to an ES module', async () => {
    await using host = openLambda();
    const asker = host.add(
      "import { SQSClient } from '@aws-sdk/client-sqs'; export const handler = async () => typeof SQSClient;",
    );

    expect(await host.call(asker)).toBe('function');
  });

  it('is available to CommonJS, also when it is loaded later', async () => {
    await using host = openLambda();
    const asker = host.add(
      "exports.handler = async () => typeof require('@aws-sdk/client-sqs').SQSClient;",
      {},
      'index.js',
    );

    expect(await host.call(asker)).toBe('function');
  });

  it('is missing if it is not installed, like any other package', async () => {
    await using host = openLambda();
    const asker = host.add("import '@aws-sdk/client-nothing'; export const handler = async () => 1;");

    expect(await host.call(asker)).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: expect.stringMatching(
        /Cannot find package '@aws-sdk\/client-nothing' imported from .*\/lambda-test-.*\/index.mjs/,
      ),
    });
  });
});
