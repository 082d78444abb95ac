import { type Billed, CHUNK_BYTES } from '../../lib/operations/index.ts';
import type { Intercept, ServiceCall } from '../../local/faults/intercept.ts';

/** What one kind of call was billed for. */
export interface CallUse {
  /** The function that called; `producer`, `bus`, or what else the caller is. */
  readonly caller: string;
  readonly operation: string;
  /** Of a table or a queue. */
  readonly resource: string;
  readonly billed: Billed;
  calls: number;
  quantity: number;
}

export interface Calls {
  readonly intercept: Intercept;
  uses(): readonly CallUse[];
  /** Billed calls, each once: a transaction over three tables is one. */
  count(): number;
  /** Calls that failed, by operation and error. */
  failures(): ReadonlyMap<string, number>;
  /** Receives that brought nothing: polling that costs by the hour, not by the event. */
  emptyReceives(): number;
  /** Bytes that the bus's archive takes. */
  archivedBytes(): number;
  reset(): void;
}

const DYNAMODB = 'DynamoDB_20120810';
const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

/** Sees every call before its engine and every answer, and counts what AWS would bill. */
export function observeCalls(): Calls {
  const uses = new Map<string, CallUse>();
  const failures = new Map<string, number>();
  let billedCalls = 0;
  let emptyReceives = 0;
  let archivedBytes = 0;

  const add = (call: ServiceCall, resource: string, billed: Billed, quantity: number) => {
    const { operation } = call;
    const caller = callerOf(call);
    const key = [caller, operation, resource, billed].join(' ');
    const use = uses.get(key) ?? { caller, operation, resource, billed, calls: 0, quantity: 0 };
    uses.set(key, use);
    use.calls += 1;
    use.quantity += quantity;
  };

  const count = (call: ServiceCall, answer: object) => {
    const { service, operation, input } = call;
    if (service === DYNAMODB) {
      billedCalls += 1;
      const billed = WRITES.has(operation) ? 'dynamoDbWriteUnit' : 'dynamoDbReadUnit';
      for (const { TableName, CapacityUnits } of capacityIn(answer)) add(call, TableName, billed, CapacityUnits);
    }
    if (service === 'AWSEvents' && operation === 'PutEvents') {
      const sizes = entriesIn(input).map(
        ({ Detail = '', Source = '', DetailType = '' }) => bytesOf(Detail) + bytesOf(Source) + bytesOf(DetailType),
      );
      billedCalls += 1;
      add(call, 'bus', 'eventBridgeEvent', sumOf(sizes.map(chunks)));
      archivedBytes += sumOf(sizes);
    }
    // the run's own look-ups, which AWS does not make
    if (service === 'AmazonSQS' && operation !== 'GetQueueUrl') {
      const { Messages } = answer as { readonly Messages?: readonly { readonly Body: string }[] };
      const isEmpty = operation === 'ReceiveMessage' && (Messages ?? []).length === 0;
      if (isEmpty) emptyReceives += 1;
      else {
        billedCalls += 1;
        add(call, queueIn(input), 'sqsFifoRequest', chunks(payloadBytes(call, Messages ?? [])));
      }
    }
  };

  return {
    async intercept(call, next) {
      const withUnits = call.service === DYNAMODB ? { ...call.input, ReturnConsumedCapacity: 'TOTAL' } : call.input;
      try {
        const answer = await next(withUnits);
        count(call, answer);
        return answer;
      } catch (error) {
        const failure = `${call.operation}: ${String((error as { readonly code?: unknown }).code)}`;
        failures.set(failure, (failures.get(failure) ?? 0) + 1);
        throw error;
      }
    },
    uses: () => [...uses.values()],
    count: () => billedCalls,
    failures: () => failures,
    emptyReceives: () => emptyReceives,
    archivedBytes: () => archivedBytes,
    reset() {
      uses.clear();
      failures.clear();
      billedCalls = 0;
      emptyReceives = 0;
      archivedBytes = 0;
    },
  };
}

function callerOf({ caller }: ServiceCall): string {
  if (caller.kind === 'user') return 'producer';
  if (caller.kind === 'service') return caller.principal;
  return caller.sessionName ?? caller.roleArn;
}

interface Capacity {
  readonly TableName: string;
  readonly CapacityUnits: number;
}

/** One, or one per table. */
function capacityIn(answer: object): readonly Capacity[] {
  const { ConsumedCapacity = [] } = answer as { readonly ConsumedCapacity?: Capacity | readonly Capacity[] };
  return [ConsumedCapacity].flat();
}

type BusEntry = { readonly [member in 'Detail' | 'Source' | 'DetailType']?: string };

const entriesIn = (input: ServiceCall['input']): readonly BusEntry[] =>
  (input['Entries'] as readonly BusEntry[] | undefined) ?? [];

const queueIn = (input: ServiceCall['input']): string => String(input['QueueUrl']).split('/').at(-1) ?? '';

/** Of what is sent or received; a delete carries next to nothing. */
function payloadBytes({ operation, input }: ServiceCall, received: readonly { readonly Body: string }[]): number {
  if (operation === 'SendMessage') return bytesOf(String(input['MessageBody']));
  return sumOf(received.map(({ Body }) => bytesOf(Body)));
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** At least one. */
const chunks = (bytes: number): number => Math.max(Math.ceil(bytes / CHUNK_BYTES), 1);
