import type { EngineClock } from '../../../../local/clock.ts';
import { type ExternalFault, planExternalChaos } from '../external/external-faults.ts';
import { type ExternalServices, openExternalServices } from '../external/external-services.ts';
import { planSupplierChaos, type SupplierChaos, type TellingFault } from '../external/suppliers/supplier-faults.ts';
import { planTrackingChaos, type TrackingFault } from '../external/tracking-faults.ts';
import type { RunOptions } from './options.ts';

/** The shop's external systems, and what went wrong with them on purpose. */
export interface External
  extends Pick<ExternalServices, 'url' | 'context' | 'ledger' | 'tracking' | 'suppliers' | 'close'> {
  /** Those who are read from behave from now on. */
  endFeedFaults(): void;
  /** How often each kind of fault was injected: `external-hang`, `tracking-duplicate`, … */
  injected(): ReadonlyMap<ExternalFaultName, number>;
}

type ExternalFaultName =
  | `external-${ExternalFault['kind']}`
  | `tracking-${TrackingFault}`
  | `feed-${ExternalFault['kind'] | TellingFault}`;

/** Opens them before the app is synthesized, which has to know their URLs; under chaos with faults of the same seed. */
export async function openExternal(
  { seed, chaosSeed, sync }: Pick<RunOptions, 'seed' | 'chaosSeed' | 'sync'>,
  clock: EngineClock,
): Promise<External> {
  const injected = new Map<ExternalFaultName, number>();
  const plan = chaosSeed === undefined ? () => undefined : planExternalChaos(chaosSeed, clock);
  const count = (name: ExternalFaultName) => void injected.set(name, (injected.get(name) ?? 0) + 1);
  const feedPlan = sync && chaosSeed !== undefined ? planSupplierChaos(chaosSeed) : undefined;
  let areFeedsWell = false;
  /** The plan's fault, counted, until the feeds behave. */
  const disturbed = <Fault>(fault: Fault | undefined, name: (fault: Fault) => ExternalFaultName): Fault | undefined => {
    if (fault === undefined || areFeedsWell) return undefined;
    count(name(fault));
    return fault;
  };
  const supplierChaos: SupplierChaos = {
    ofRequest: (...request) => disturbed(feedPlan?.ofRequest(...request), ({ kind }) => `feed-${kind}`),
    ofTelling: () => disturbed(feedPlan?.ofTelling(), (fault) => `feed-${fault}`),
  };
  const services = await openExternalServices({
    clock,
    seed,
    supplierChaos,
    losesTracking: sync,
    ...(chaosSeed === undefined ? {} : { trackingFaults: planTrackingChaos(chaosSeed) }),
    onTrackingFault: (fault) => count(`tracking-${fault}`),
    faults(request) {
      const fault = plan(request);
      if (fault !== undefined) count(`external-${fault.kind}`);
      return fault;
    },
  });
  return {
    ...services,
    context: { ...services.context, ...(sync ? services.supplierContext : {}) },
    injected: () => injected,
    endFeedFaults() {
      areFeedsWell = true;
    },
  };
}
