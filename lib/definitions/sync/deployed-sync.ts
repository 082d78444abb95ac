import { ENV } from '../environment-variables.ts';
import { ContractError } from '../waybill-error.ts';
import type { Detection } from './detect.ts';

/** What of a provider its schedule and its construct need. */
export type ScheduledProvider = Pick<Detection, 'everyMinutes' | 'deletes'> & Partial<Pick<Detection, 'outbound'>>;

/** A sync as its functions and operators' tools know it. */
export interface DeployedSync {
  readonly name: string;
  readonly providers: Readonly<Record<string, ScheduledProvider>>;
}

/** The environment variable by which functions and operators' tools know a sync. */
export const syncVariables = ({ name, providers }: DeployedSync): Readonly<Record<string, string>> => ({
  [ENV.sync]: JSON.stringify({
    name,
    providers: Object.fromEntries(
      Object.entries(providers).map(([provider, { everyMinutes, deletes }]) => [
        provider,
        {
          everyMinutes,
          deletes: deletes.kind === 'reconcile' ? { kind: deletes.kind, everyHours: deletes.everyHours } : deletes,
        },
      ]),
    ),
  }),
});

/**
 * Reads the sync from a function's variables.
 * @returns undefined if the function is not of a sync
 * @throws ContractError `CONTRACT_INVALID` if no construct has set it
 */
export function readDeployedSync(variables: Readonly<Record<string, string | undefined>>): DeployedSync | undefined {
  const text = variables[ENV.sync];
  if (text === undefined || text === '') return undefined;
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && 'name' in read && 'providers' in read) {
      // the SyncEngine construct of this release has written it
      return read as DeployedSync;
    }
  } catch {
    // told below
  }
  throw new ContractError(ENV.sync, ['must be what the SyncEngine construct sets: leave it to the construct']);
}
