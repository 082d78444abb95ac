import type { EngineClock } from '../../../../local/clock.ts';
import { type ExternalFault, planExternalChaos } from '../external/external-faults.ts';
import { type ExternalServices, openExternalServices } from '../external/external-services.ts';
import { planTrackingChaos, type TrackingFault } from '../external/tracking-faults.ts';
import type { RunOptions } from './options.ts';

/** The shop's external systems, and what went wrong with them on purpose. */
export interface External extends Pick<ExternalServices, 'url' | 'context' | 'ledger' | 'tracking' | 'close'> {
  /** How often each kind of fault was injected: `external-hang`, `tracking-duplicate`, … */
  injected(): ReadonlyMap<ExternalFaultName, number>;
}

type ExternalFaultName = `external-${ExternalFault['kind']}` | `tracking-${TrackingFault}`;

/** Opens them before the app is synthesized, which has to know their URLs; under chaos with faults of the same seed. */
export async function openExternal(
  { seed, chaosSeed }: Pick<RunOptions, 'seed' | 'chaosSeed'>,
  clock: EngineClock,
): Promise<External> {
  const injected = new Map<ExternalFaultName, number>();
  const plan = chaosSeed === undefined ? () => undefined : planExternalChaos(chaosSeed, clock);
  const count = (name: ExternalFaultName) => void injected.set(name, (injected.get(name) ?? 0) + 1);
  const services = await openExternalServices({
    clock,
    seed,
    ...(chaosSeed === undefined ? {} : { trackingFaults: planTrackingChaos(chaosSeed) }),
    onTrackingFault: (fault) => count(`tracking-${fault}`),
    faults(request) {
      const fault = plan(request);
      if (fault !== undefined) count(`external-${fault.kind}`);
      return fault;
    },
  });
  return { ...services, injected: () => injected };
}
