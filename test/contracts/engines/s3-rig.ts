import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createS3 } from '../../../local/s3/s3.ts';

/** An S3 behind its endpoint, with one bucket, `claims`. */
export interface S3Rig extends AsyncDisposable {
  readonly client: S3Client;
  readonly url: string;
  readonly clock: MovableClock;
}

const T0 = Date.UTC(2026, 10, 20, 6, 0, 0) as EpochMs;

export async function openS3Rig(region = 'eu-central-1'): Promise<S3Rig> {
  const clock = createMovableClock(() => T0);
  const endpoint = await openEndpoint({ log: () => {} });
  endpoint.add(createS3({ clock, region, accountId: '111122223333' }).service);
  const client = new S3Client({
    endpoint: endpoint.url,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  await client.send(new CreateBucketCommand({ Bucket: 'claims' }));
  return {
    client,
    url: endpoint.url,
    clock,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await endpoint.close();
    },
  };
}
