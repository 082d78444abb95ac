import { toTimestamp } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { createConcurrency } from './concurrency.ts';
import type { FunctionConfiguration, RecursiveLoop } from './configuration.ts';
import { hostClosed, recursiveInvocation, throttled } from './errors.ts';
import type { ExecutionEnvironment, Outcome } from './execution-environment.ts';
import type { LambdaFaults } from './faults.ts';
import { exited, type InvokeResult, MAX_PAYLOAD_BYTES, responseTooLarge } from './invocation.ts';
import type { Version } from './qualifiers.ts';
import { chainIdOf, earlierInvocations, traceInvocation } from './trace-header.ts';
import type { ErrorPayload } from './worker/protocol.ts';

const LOG_TAIL_BYTES = 4096;

/**
 * How long an invocation waits for an environment at work before another one is started: a start takes far longer than most invocations.
 * Lambda, too, gives an invocation to an environment that gets free before its new one is ready.
 */
export interface EnvironmentWaits {
  readonly warmMs: number;
  /** While the first one loads its code and runs it for the first time. */
  readonly firstMs: number;
}

const DEFAULT_WAITS: EnvironmentWaits = { warmMs: 60, firstMs: 500 };

/** Of one function in one chain of requests. @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html */
const MOST_IN_A_CHAIN = 16;

export interface PoolOptions {
  readonly configuration: FunctionConfiguration;
  readonly functionArn: string;
  readonly clock: EngineClock;
  readonly newId: () => string;
  readonly start: (
    configuration: FunctionConfiguration,
    version: Version,
    onLine: (line: string) => void,
  ) => ExecutionEnvironment;
  readonly onLine: (line: string) => void;
  readonly faults: LambdaFaults | undefined;
  readonly mostEnvironments: number;
  /** @default - 60 ms, and 500 ms for the first one */
  readonly waits?: EnvironmentWaits | undefined;
}

/** What a function is invoked with. */
export interface Request {
  readonly payload: string;
  /** Trace headers of what caused the invocation. */
  readonly causes: readonly string[];
  /** Hears that the invocation's worker is not heard any more: until its time-out it needs no processor. */
  readonly onFrozen?: () => void;
}

/** What was invoked. */
export interface InvokedVersion {
  readonly version: Version;
  /** With the qualifier that the invoker named. */
  readonly invokedFunctionArn: string;
}

/** The execution environments of one function, those of all its versions: they share its concurrency. */
export interface FunctionPool {
  readonly configuration: FunctionConfiguration;
  /** From now on invocations run with this one; those under way end with the old one. */
  update(configuration: FunctionConfiguration): void;
  /** Takes effect at the next invocation; environments stay. */
  setRecursiveLoop(recursiveLoop: RecursiveLoop): void;
  /**
   * Takes its turn when this machine has no environment left; beyond its concurrency it is throttled.
   * @throws AwsError TooManyRequestsException; RecursiveInvocationException once 16 invocations led to this one
   */
  invoke(request: Request, invoked: InvokedVersion): Promise<InvokeResult>;
  /** How many invocations could start at once. */
  capacity(): number;
  /** Calls `listener` once, as soon as an invocation ends that leaves capacity. */
  onceFree(listener: () => void): void;
  /** Invocations that run or wait for an environment. */
  inFlight(): number;
  /** Those of them whose worker is not heard any more. */
  frozen(): number;
  /** Kills the environments that are at work; gives their number. */
  crash(): number;
  /** Takes nothing new, and ends once what it has taken has come to its end. */
  drain(refusal: () => Error): Promise<void>;
  close(): Promise<void>;
}

interface Slot {
  readonly version: Version;
  readonly configuration: FunctionConfiguration;
  readonly environment: ExecutionEnvironment;
  /** The last lines of the invocation under way: at least as many as its log tail can hold. */
  readonly lines: string[];
  /** Whether its invocation counts as failed while its handler goes on. */
  isReplaced: boolean;
  /** Whether its first invocation is over. */
  isWarm: boolean;
}

/** An invocation that waits for an environment of its version. */
interface Waiter {
  readonly version: Version;
  /** With nothing if none got free in time. */
  readonly proceed: (slot: Slot | undefined) => void;
}

export function createFunctionPool(options: PoolOptions): FunctionPool {
  const { functionArn, clock, newId, start, onLine, faults, mostEnvironments, waits = DEFAULT_WAITS } = options;
  const { functionName } = options.configuration;
  const chainId = chainIdOf(functionArn);
  const all = new Set<Slot>();
  const idle: Slot[] = [];
  const atWork = new Set<Slot>();
  const waiters = new Set<Waiter>();
  let isClosed = false;
  const concurrency = createConcurrency(mostEnvironments);
  let configuration = options.configuration;
  let { recursiveLoop } = configuration;
  let invocations = 0;
  const reserved = () => configuration.reservedConcurrency ?? Number.POSITIVE_INFINITY;

  const takeIdle = (version: Version): Slot | undefined => {
    for (let at = idle.length - 1; at >= 0; at--) {
      const slot = idle[at];
      if (slot?.version !== version) continue;
      idle.splice(at, 1);
      if (slot.environment.isAlive()) return slot;
      all.delete(slot);
    }
    return undefined;
  };

  const startAnother = (version: Version): Slot => {
    const lines: string[] = [];
    const environment = start(configuration, version, (line) => {
      lines.push(line);
      if (lines.length > 2 * LOG_TAIL_BYTES) lines.splice(0, LOG_TAIL_BYTES);
      onLine(line);
    });
    const slot = { version, configuration, environment, lines, isReplaced: false, isWarm: false };
    all.add(slot);
    return slot;
  };

  /** Waits for an environment at work, none being idle; nothing if none gets free in time, or none can. */
  const whenFree = (version: Version): Promise<Slot | undefined> | undefined => {
    const mayGetFree = (slot: Slot) =>
      slot.environment.isAlive() &&
      slot.version === version &&
      slot.configuration === configuration &&
      !slot.isReplaced &&
      !slot.environment.isFrozen();
    const busy = [...all].filter(mayGetFree);
    if (busy.length === 0) return undefined;
    const ms = busy.some(({ isWarm }) => isWarm) ? waits.warmMs : waits.firstMs;
    return new Promise((resolve) => {
      const proceed = (slot: Slot | undefined) => {
        clearTimeout(timer);
        waiters.delete(waiter);
        resolve(slot);
      };
      const waiter = { version, proceed };
      // the machine's time, as a start takes it, not the run's
      const timer = setTimeout(proceed, ms, undefined);
      waiters.add(waiter);
    });
  };

  /** What it gives, or starts, is taken when it returns. */
  const take = (version: Version): Slot | Promise<Slot> => {
    const free = takeIdle(version);
    if (free !== undefined) return free;
    const soonFree = whenFree(version);
    if (soonFree === undefined) return startAnother(version);
    return soonFree.then((slot) => {
      if (isClosed) throw hostClosed();
      return slot ?? startAnother(version);
    });
  };

  const retire = (slot: Slot) => {
    all.delete(slot);
    void slot.environment.kill();
  };

  const killAll = () => Promise.all([...all].map(({ environment }) => environment.kill()));

  const putBack = (slot: Slot) => {
    slot.isWarm = true;
    if (!slot.environment.isAlive() || slot.configuration !== configuration) return retire(slot);
    const waiter = [...waiters].find(({ version }) => version === slot.version);
    if (waiter === undefined) idle.push(slot);
    else waiter.proceed(slot);
  };

  const toItsEnd = async (slot: Slot, invocation: Parameters<ExecutionEnvironment['invoke']>[0]): Promise<Outcome> => {
    atWork.add(slot);
    try {
      return await slot.environment.invoke(invocation);
    } finally {
      atWork.delete(slot);
      if (slot.isReplaced) retire(slot);
    }
  };

  const runIn = async (
    slot: Slot,
    requestId: string,
    payload: string,
    traceId: string,
    invokedFunctionArn: string,
    onFrozen: (() => void) | undefined,
  ): Promise<Outcome> => {
    const { environment } = slot;
    const invocation = { requestId, payload, traceId, invokedFunctionArn };
    const replacement = Promise.withResolvers<Outcome>();
    const fault = faults?.onInvocation({
      functionName,
      number: ++invocations,
      requestId,
      traceId,
      payload,
      kill: () => void environment.kill(),
      freeze() {
        environment.freeze();
        onFrozen?.();
      },
      replace: () => replacement.resolve({ kind: 'failed', error: exited(requestId, 'signal: killed') }),
    });
    try {
      if (fault === undefined) return await Promise.race([toItsEnd(slot, invocation), replacement.promise]);
      if (fault === 'crash-after-handler') await toItsEnd(slot, invocation);
      await environment.kill();
      return { kind: 'failed', error: exited(requestId, 'signal: killed') };
    } finally {
      faults?.onInvocationEnd?.(requestId);
    }
  };

  const invokeOnce = async (
    { payload, causes, onFrozen }: Request,
    { version, invokedFunctionArn }: InvokedVersion,
  ): Promise<InvokeResult> => {
    const slot = await take(version);
    const requestId = newId();
    const traceId = traceInvocation({ requestId, now: clock.now(), chainId, causes });
    slot.lines.length = 0;
    try {
      const outcome = withinSize(await runIn(slot, requestId, payload, traceId, invokedFunctionArn, onFrozen));
      const result = { statusCode: 200, executedVersion: version, requestId };
      if (outcome.kind === 'returned') return { ...result, payload: outcome.payload, logTail: tailOf(slot.lines) };
      const line = `${toTimestamp(clock.now())}\t${requestId}\tERROR\tInvoke Error\t${JSON.stringify(outcome.error)}`;
      slot.lines.push(line);
      onLine(line);
      const payloadText = JSON.stringify(outcome.error satisfies ErrorPayload);
      return { ...result, payload: payloadText, functionError: 'Unhandled', logTail: tailOf(slot.lines) };
    } finally {
      if (atWork.has(slot)) slot.isReplaced = true;
      else putBack(slot);
    }
  };

  return {
    get configuration() {
      return { ...configuration, recursiveLoop };
    },
    update(next) {
      configuration = next;
      recursiveLoop = next.recursiveLoop;
      for (const slot of idle.splice(0)) retire(slot);
      concurrency.admit();
    },
    setRecursiveLoop(next) {
      recursiveLoop = next;
    },
    async invoke(request, invoked) {
      const { payload, causes } = request;
      const earlier = earlierInvocations(chainId, causes);
      if (earlier >= MOST_IN_A_CHAIN && recursiveLoop !== 'Allow') throw recursiveInvocation();
      const throttle = faults?.onAdmission?.({ functionName, payload });
      if (throttle !== undefined) throw throttled(throttle);
      if (concurrency.inFlight() >= reserved()) throw throttled('function');
      await concurrency.acquire();
      try {
        return await invokeOnce(request, invoked);
      } finally {
        concurrency.release();
      }
    },
    // a mapping does not know what is reserved, but a function that may not run is not polled for
    capacity: () => (concurrency.isOpen() && reserved() > 0 ? concurrency.free() : 0),
    onceFree: concurrency.onceFree,
    inFlight: concurrency.inFlight,
    frozen: () => [...atWork].filter(({ environment }) => environment.isFrozen()).length,
    crash() {
      for (const { environment } of atWork) void environment.kill();
      return atWork.size;
    },
    async drain(refusal) {
      await concurrency.drain(refusal);
      await killAll();
    },
    async close() {
      isClosed = true;
      concurrency.end(hostClosed);
      for (const waiter of [...waiters]) waiter.proceed(undefined);
      await killAll();
    },
  };
}

const withinSize = (outcome: Outcome): Outcome =>
  outcome.kind === 'returned' && Buffer.byteLength(outcome.payload) > MAX_PAYLOAD_BYTES
    ? { kind: 'failed', error: responseTooLarge() }
    : outcome;

const tailOf = (lines: readonly string[]): string =>
  Buffer.from(lines.map((line) => `${line}\n`).join(''))
    .subarray(-LOG_TAIL_BYTES)
    .toString('utf8');
