import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ShopSettings } from '../../shop-settings.ts';

export interface ExternalSystem {
  readonly setting: 'paymentGatewayUrl' | 'carrierUrl' | 'mailerUrl';
  /** Environment variable with its URL; without it the code uses the fake. */
  readonly variable: string;
  /** What it means that there is none. */
  readonly fake: string;
}

export const PAYMENT_GATEWAY: ExternalSystem = {
  setting: 'paymentGatewayUrl',
  variable: 'PAYMENT_GATEWAY_URL',
  fake: 'payments use the fake payment gateway, which takes no money',
};

export const CARRIER: ExternalSystem = {
  setting: 'carrierUrl',
  variable: 'CARRIER_URL',
  fake: 'shipping uses the fake carrier, which sends no parcels',
};

export const MAILER: ExternalSystem = {
  setting: 'mailerUrl',
  variable: 'MAILER_URL',
  fake: 'notifications use the fake mailer, which sends no mail',
};

/** The environment of a function that calls the system; says at synth when it will call a fake. */
export function environmentFor(
  scope: Construct,
  settings: ShopSettings,
  { setting, variable, fake }: ExternalSystem,
): Readonly<Record<string, string>> {
  const url = settings[setting];
  if (url !== undefined) return { [variable]: url };
  Annotations.of(scope).addWarningV2(
    `waybill:shop-fake-${setting}`,
    `the shop's setting ${setting} is not set: ${fake}; set it with -c shop:${setting}=https://…`,
  );
  return {};
}
