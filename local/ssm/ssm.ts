import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Caller, JsonObject, JsonService } from '../endpoint/service.ts';
import { createParameterStore } from './parameter-store.ts';
import { createReadOperations } from './read-operations.ts';
import { createWriteOperations } from './write-operations.ts';

export interface SsmOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
}

type Operation = (input: JsonObject, caller: Caller) => object;

/** Parameter Store of AWS Systems Manager: parameters with their versions, in memory. */
export function createSsm({ clock, region, accountId }: SsmOptions): { readonly service: JsonService } {
  const store = createParameterStore({ region, accountId });
  const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
    ...Object.entries<Operation>(createReadOperations(store)),
    ...Object.entries<Operation>(createWriteOperations({ store, clock, region, accountId })),
  ]);
  return {
    service: {
      targetPrefix: 'AmazonSSM',
      jsonVersion: '1.1',
      async handle(operation, input, caller) {
        const run = operations.get(operation);
        if (run !== undefined) return run(input, caller);
        throw new AwsError(
          'UnknownOperationException',
          `${operation} of Systems Manager is not part of the local run; it has ${[...operations.keys()].join(', ')}`,
        );
      },
    },
  };
}
