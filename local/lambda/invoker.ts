import type { EngineClock } from '../clock.ts';
import type { JsonService } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import { type AsyncTarget, createAsyncInvocations } from './async-invocations.ts';
import { isRecursion, throttled } from './errors.ts';
import type { FunctionPool, Request } from './function-pool.ts';
import type { NamedFunction } from './functions.ts';
import type { InvokeResult } from './invocation.ts';
import { createSqsPort } from './mappings/sqs-port.ts';
import { LATEST } from './qualifiers.ts';

/** Runs functions, at once or as events, within the concurrency of the account. */
export interface Invoker {
  /** @throws AwsError TooManyRequestsException, RecursiveInvocationException */
  invoke(named: NamedFunction, request: Request): Promise<InvokeResult>;
  /** Takes the event and answers at once. */
  invokeAsync(named: NamedFunction, request: Request): void;
  /** Invocations that run or wait for an environment. */
  running(): number;
  /** Events that wait for another attempt. */
  waiting(): number;
  /** Events whose records are on their way to a destination. */
  reporting(): number;
  /** Settles as soon as nothing runs. */
  whenIdle(): Promise<void>;
  /** No event is tried again from now on. */
  close(): void;
}

export interface InvokerOptions {
  readonly clock: EngineClock;
  readonly log: RunLog;
  readonly sqs: JsonService;
  readonly functionArn: (functionName: string) => string;
  readonly pools: () => readonly FunctionPool[];
  /** Executions of all functions at a time; more are throttled. */
  readonly accountConcurrency: number;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
const RECURSION_METRIC = 'RecursiveInvocationsDropped';
const RECURSION_STOPPED =
  "recursive loop stopped: the function was invoked about 16 times in one chain of requests; set RecursiveLoop to 'Allow' if it may";

export function createInvoker({ clock, log, sqs, functionArn, pools, accountConcurrency }: InvokerOptions): Invoker {
  const idleListeners: (() => void)[] = [];
  const events = createAsyncInvocations({ clock, log });

  const running = () => pools().reduce((sum, pool) => sum + pool.inFlight(), 0);

  const invoke = async (named: NamedFunction, request: Request) => {
    if (running() >= accountConcurrency) throw throttled('account');
    try {
      return await named.function.pool.invoke(request, named.choose());
    } catch (error) {
      if (isRecursion(error)) log('error', named.functionName, RECURSION_STOPPED, { metric: RECURSION_METRIC });
      throw error;
    } finally {
      if (running() === 0) for (const listener of idleListeners.splice(0)) listener();
    }
  };

  const toTarget = (named: NamedFunction): AsyncTarget => {
    const { functionName, qualifier = LATEST } = named;
    const { pool, asyncSettings } = named.function;
    const { roleArn } = pool.configuration;
    return {
      functionName,
      functionArn: `${functionArn(functionName)}:${qualifier}`,
      settings: asyncSettings.get(qualifier) ?? {},
      invoke: (request) => invoke(named, request),
      async sendToQueue(queueArn, body) {
        const port = createSqsPort(sqs, { kind: 'role', roleArn, sessionName: functionName });
        await port.send(await port.urlOf(queueArn), body);
      },
    };
  };

  return {
    invoke,
    invokeAsync: (named, request) => events.accept(toTarget(named), request),
    running,
    waiting: events.waiting,
    reporting: events.reporting,
    whenIdle: () =>
      new Promise<void>((resolve) => {
        if (running() === 0) resolve();
        else idleListeners.push(resolve);
      }),
    close: events.close,
  };
}
