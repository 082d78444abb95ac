import { SSMClient } from '@aws-sdk/client-ssm';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createSsm } from '../../../local/ssm/ssm.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';

/** Parameter Store behind its endpoint, at 06:00 on a Friday. */
export interface SsmRig extends AsyncDisposable {
  readonly client: SSMClient;
  readonly clock: MovableClock;
}

const T0 = Date.UTC(2026, 10, 20, 6, 0, 0) as EpochMs;
const REGION = 'eu-central-1';

export async function openSsmRig(): Promise<SsmRig> {
  needsOwnEngine('SSM', 'its clock stands still, and it begins empty');
  const clock = createMovableClock(() => T0);
  const endpoint = await openEndpoint({ log: () => undefined });
  endpoint.add(createSsm({ clock, region: REGION, accountId: '111122223333' }).service);
  const client = new SSMClient({
    endpoint: endpoint.url,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    client,
    clock,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await endpoint.close();
    },
  };
}
