import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { EventConsumerProps } from 'waybill/cdk';
import type { ShopSettings } from './shop-settings.ts';

export interface ExternalSystem {
  /** As the policy around its adapter is called. */
  readonly name: string;
  readonly setting: 'paymentGatewayUrl' | 'fraudCheckUrl' | 'carrierUrl' | 'courierUrl' | 'mailerUrl';
  /** Environment variable with its URL; without it the code uses the fake. */
  readonly variable: string;
  /** What it means that there is none. */
  readonly fake: string;
}

export const PAYMENT_GATEWAY: ExternalSystem = {
  name: 'payment-gateway',
  setting: 'paymentGatewayUrl',
  variable: 'PAYMENT_GATEWAY_URL',
  fake: 'payments use the fake payment gateway, which takes no money',
};

export const FRAUD_CHECK: ExternalSystem = {
  name: 'fraud-check',
  setting: 'fraudCheckUrl',
  variable: 'FRAUD_CHECK_URL',
  fake: 'payments use the fake fraud check, which lets everything pass',
};

export const CARRIER: ExternalSystem = {
  name: 'carrier',
  setting: 'carrierUrl',
  variable: 'CARRIER_URL',
  fake: 'shipping does not ask the carrier; with neither carrier nor courier it uses a fake, which sends no parcels',
};

export const COURIER: ExternalSystem = {
  name: 'courier',
  setting: 'courierUrl',
  variable: 'COURIER_URL',
  fake: 'shipping does not ask the courier; with neither carrier nor courier it uses a fake, which sends no parcels',
};

export const MAILER: ExternalSystem = {
  name: 'mailer',
  setting: 'mailerUrl',
  variable: 'MAILER_URL',
  fake: 'notifications use the fake mailer, which sends no mail',
};

/** What a consumer needs that calls the systems; says at synth which of them will be fakes. */
export function callsTo(
  scope: Construct,
  settings: ShopSettings,
  systems: readonly ExternalSystem[] = [],
): Pick<EventConsumerProps, 'environment' | 'externalSystems'> {
  const environment: Record<string, string> = {};
  const externalSystems: string[] = [];
  for (const { name, setting, variable, fake } of systems) {
    const url = settings[setting];
    if (url === undefined) {
      Annotations.of(scope).addWarningV2(
        `waybill:shop-fake-${setting}`,
        `the shop's setting ${setting} is not set: ${fake}; set it with -c shop:${setting}=https://…`,
      );
      continue;
    }
    environment[variable] = url;
    externalSystems.push(name);
  }
  return externalSystems.length === 0 ? {} : { environment, externalSystems };
}
