import type { EngineClock } from '../../../../local/clock.ts';
import { type ExternalFault, planExternalChaos } from '../external/external-faults.ts';
import { type ExternalServices, openExternalServices } from '../external/external-services.ts';
import type { RunOptions } from './options.ts';

/** The shop's external systems, and what went wrong with them on purpose. */
export interface External extends Pick<ExternalServices, 'url' | 'context' | 'ledger' | 'close'> {
  /** How often each kind of fault was injected: `external-hang`, … */
  injected(): ReadonlyMap<ExternalFaultName, number>;
}

type ExternalFaultName = `external-${ExternalFault['kind']}`;

/** Opens them before the app is synthesized, which has to know their URLs; under chaos with faults of the same seed. */
export async function openExternal(
  { seed, chaosSeed }: Pick<RunOptions, 'seed' | 'chaosSeed'>,
  clock: EngineClock,
): Promise<External> {
  const injected = new Map<ExternalFaultName, number>();
  const plan = chaosSeed === undefined ? () => undefined : planExternalChaos(chaosSeed, clock);
  const services = await openExternalServices({
    clock,
    seed,
    faults(request) {
      const fault = plan(request);
      if (fault !== undefined) {
        const name: ExternalFaultName = `external-${fault.kind}`;
        injected.set(name, (injected.get(name) ?? 0) + 1);
      }
      return fault;
    },
  });
  return { ...services, injected: () => injected };
}
