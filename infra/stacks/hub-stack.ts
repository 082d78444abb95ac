import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { EventHub } from '../constructs/event-hub.ts';
import type { EnvironmentSettings } from '../settings.ts';

export interface HubStackProps {
  readonly settings: EnvironmentSettings;
  /** @default 'default' */
  readonly environmentName?: string;
}

/** What all services of an environment share. */
export class HubStack extends Stack {
  readonly hub: EventHub;

  constructor(scope: Construct, id: string, props: HubStackProps) {
    const { settings } = props;
    super(scope, id, {
      description: 'Waybill: outbox, relay, bus and inbox',
      terminationProtection: settings.deletionProtection,
    });
    this.hub = new EventHub(this, 'Hub', props);
  }
}
