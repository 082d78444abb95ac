import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../local/lambda/faults.ts';
import { createGate } from './gate.ts';
import { openLambda } from './lambda-under-test.ts';

/** Counts its invocations, and does to itself what the event says. */
const MOODY = `
  let calls = 0;
  export const handler = async ({ mood }) => {
    calls++;
    if (mood === 'throw') throw new TypeError('no good');
    if (mood === 'throw text') throw 'no good either';
    if (mood === 'exit 0') process.exit(0);
    if (mood === 'exit 3') process.exit(3);
    if (mood === 'reject') { Promise.reject(new Error('forgotten')); await new Promise((r) => setTimeout(r, 1000)); }
    if (mood === 'throw later') { setTimeout(() => { throw new RangeError('later'); }, 1); await new Promise((r) => setTimeout(r, 1000)); }
    if (mood === 'hang') console.log('hanging');
    if (mood === 'hang') await new Promise(() => setInterval(() => {}, 1000));
    if (mood === 'spin') { console.log('spinning'); for (;;); }
    if (mood === 'hoard') { const all = []; for (;;) all.push(new Array(100_000).fill(calls)); }
    if (mood === 'large') return 'x'.repeat(6 * 1024 * 1024);
    if (mood === 'circular') { const a = {}; a.a = a; return a; }
    return calls;
  };`;

const REQUEST_1 = 'RequestId: 00000000-0000-4000-8000-000000000002 Error:';

describe('a function that fails', () => {
  it('answers with the error that it threw, and stays warm', async () => {
    await using host = openLambda();
    const moody = host.add(MOODY);

    const result = await host.lambda.invoke(moody, '{"mood":"throw"}');
    const next = await host.call(moody);

    expect(result.functionError).toBe('Unhandled');
    expect(JSON.parse(result.payload)).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'no good',
      trace: expect.arrayContaining(['TypeError: no good']),
    });
    expect(next).toBe(2);
  });

  it('describes a thrown value that is not an error', async () => {
    await using host = openLambda();
    const moody = host.add(MOODY);

    const payload = await host.call(moody, { mood: 'throw text' });

    expect(payload).toEqual({ errorType: 'string', errorMessage: 'no good either', trace: [] });
  });

  it.each([
    ['exit 0', 'Runtime.ExitError', `${REQUEST_1} Runtime exited without providing a reason`],
    ['exit 3', 'Runtime.ExitError', `${REQUEST_1} Runtime exited with error: exit status 3`],
    ['hoard', 'Runtime.OutOfMemory', `${REQUEST_1} Runtime exited with error: signal: killed`],
    ['reject', 'Runtime.UnhandledPromiseRejection', 'Error: forgotten'],
    ['throw later', 'RangeError', 'later'],
  ])('loses only its environment by: %s', async (mood, errorType, errorMessage) => {
    await using host = openLambda();
    const moody = host.add(MOODY);

    const result = await host.lambda.invoke(moody, JSON.stringify({ mood }));
    const next = await host.call(moody);

    expect(result.functionError).toBe('Unhandled');
    expect(JSON.parse(result.payload)).toMatchObject({ errorType, errorMessage });
    expect(next).toBe(1);
  });

  it.each(['hang', 'spin'])('is ended at its timeout: %s', async (mood) => {
    await using host = openLambda({ onLogLine: () => host.clock.advance(3000) });
    const moody = host.add(MOODY, { timeoutSeconds: 3 });
    await host.call(moody);

    const result = await host.lambda.invoke(moody, JSON.stringify({ mood }));
    const next = await host.call(moody);

    expect(result.functionError).toBe('Unhandled');
    expect(JSON.parse(result.payload)).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: 00000000-0000-4000-8000-000000000003 Error: Task timed out after 3.00 seconds',
    });
    expect(next).toBe(1);
  });

  it('is not ended at its deadline while its start still uses the processor', async () => {
    const gate = createGate();
    await using host = openLambda({
      onLogLine() {
        host.clock.advance(14_000);
        gate.open();
      },
    });
    const heavy = host.add(
      `const until = process.threadCpuUsage().user + 60_000;
       while (process.threadCpuUsage().user < until);
       console.log('loading');
       ${gate.pass}
       export const handler = async () => 'started';`,
      { timeoutSeconds: 3 },
    );

    expect(await host.call(heavy)).toBe('started');
  });

  it('is ended at a deadline of its start if it only waits', async () => {
    await using host = openLambda();
    const hanging = host.add('await new Promise(() => setInterval(() => {}, 1000)); export const handler = () => {};', {
      timeoutSeconds: 3,
    });

    const ticking = setInterval(() => host.clock.advance(14_000), 50);
    const result = await host.call(hanging);
    clearInterval(ticking);

    expect(result).toMatchObject({ errorType: 'Sandbox.Timedout' });
  });

  it('fails when its response is over 6 MB or cannot be serialized', async () => {
    await using host = openLambda();
    const moody = host.add(MOODY);

    const large = await host.call(moody, { mood: 'large' });
    const circular = await host.call(moody, { mood: 'circular' });

    expect(large).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291456 bytes).',
    });
    expect(circular).toMatchObject({ errorType: 'TypeError' });
  });

  it.each([
    ['throws on load', 'throw new RangeError("no table")', 'RangeError', 'no table'],
    [
      'has no such export',
      'export const other = 1;',
      'Runtime.HandlerNotFound',
      'index.handler is undefined or not exported',
    ],
    ['exports no function', 'export const handler = 1;', 'Runtime.HandlerNotFound', 'index.handler is not a function'],
    ['is not JavaScript', 'export const = ;', 'Runtime.UserCodeSyntaxError', "SyntaxError: Unexpected token '='"],
    ['exits on load', 'process.exit(1)', 'Runtime.ExitError', `${REQUEST_1} Runtime exited with error: exit status 1`],
    [
      'takes a callback',
      'export const handler = (event, context, callback) => callback();',
      'Runtime.CallbackHandlerDeprecated',
      'index.handler takes 3 parameters, but Node.js 24 and later have no callback handlers: make it async',
    ],
  ])('fails its invocation when its module %s', async (_what, source, errorType, errorMessage) => {
    await using host = openLambda();
    const broken = host.add(source);

    const result = await host.lambda.invoke(broken, '{}');

    expect(result.functionError).toBe('Unhandled');
    expect(JSON.parse(result.payload)).toMatchObject({ errorType, errorMessage });
  });

  it('names the module that is missing', async () => {
    await using host = openLambda();
    const lost = host.add('', { handler: 'elsewhere.handler' });
    const importer = host.add('import "no-such-package-here"; export const handler = async () => 1;');

    const missing = await host.call(lost);
    const missingImport = await host.call(importer);

    expect(missing).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: expect.stringContaining("Cannot find module 'elsewhere'"),
    });
    expect(missingImport).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: expect.stringContaining("Cannot find package 'no-such-package-here'"),
    });
  });

  it('writes its error to the log', async () => {
    await using host = openLambda();
    const moody = host.add(MOODY, { functionName: 'moody' });

    await host.call(moody, { mood: 'throw' });

    expect(host.lines).toEqual([expect.stringMatching(/^moody: .*\tERROR\tInvoke Error\t.*"TypeError"/)]);
  });

  it.each([
    ['crash-before-handler', []],
    ['crash-after-handler', ['worker: handled 1']],
  ] as const)('loses its result to a fault: %s', async (fault, lines) => {
    const faults: (Fault | undefined)[] = [fault, undefined];
    await using host = openLambda({ faults: { onInvocation: ({ number }) => faults[number - 1] } });
    const worker = host.add(
      "let n = 0; export const handler = async () => { console.log('handled ' + ++n); return n; };",
      {
        functionName: 'worker',
      },
    );

    const result = await host.lambda.invoke(worker, '{}');
    const linesThen = host.lines.filter((line) => line.includes('handled'));
    const next = await host.call(worker);

    expect(JSON.parse(result.payload)).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `${REQUEST_1} Runtime exited with error: signal: killed`,
    });
    expect(linesThen).toEqual(lines);
    expect(next).toBe(1);
  });

  it('can be crashed in the middle of its handler', async () => {
    await using host = openLambda({
      onLogLine: (functionName) => void host.lambda.crash(functionName),
    });
    const moody = host.add(MOODY);

    const result = await host.lambda.invoke(moody, '{"mood":"spin"}');

    expect(JSON.parse(result.payload)).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: `${REQUEST_1} Runtime exited with error: signal: killed`,
    });
  });
});

describe('a function whose code cannot be loaded', () => {
  it.each([
    ['throws', "throw new TypeError('no url');", 'TypeError', 'no url'],
    [
      'ends the process',
      'process.exit(3);',
      'Runtime.ExitError',
      'RequestId: of the start Error: Runtime exited with error: exit status 3',
    ],
  ])('is listed with its error until a start succeeds: %s', async (_, source, errorType, errorMessage) => {
    await using host = openLambda();
    const broken = host.add(source);
    const well = host.add('export const handler = async () => 1;');

    await host.call(broken);
    await host.call(well);

    expect(host.lambda.startFailures.list()).toMatchObject([
      { functionName: broken, error: { errorType, errorMessage } },
    ]);
    host.lambda.updateFunction({ ...host.configurationOf(broken), codeFolder: host.configurationOf(well).codeFolder });
    await host.call(broken);
    expect(host.lambda.startFailures.list()).toEqual([]);
  });

  it('is not listed for the failure of a handler', async () => {
    await using host = openLambda();
    const moody = host.add(MOODY);

    await host.call(moody, { mood: 'throw' });
    await host.call(moody, { mood: 'exit 3' });

    expect(host.lambda.startFailures.list()).toEqual([]);
  });
});
