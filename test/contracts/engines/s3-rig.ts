import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock } from '../../../local/clock.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createS3 } from '../../../local/s3/s3.ts';
import { removeLater } from '../../fixtures/leftovers.ts';
import { isForeign, sharedName } from './endpoint-under-test.ts';

/** An S3 with one bucket: an engine of the test's own, unless the SDK's variables name an endpoint. */
export interface S3Rig extends AsyncDisposable {
  readonly client: S3Client;
  readonly url: string;
  /** The bucket's name. */
  readonly bucket: string;
}

/** What the clock of an own engine shows. */
const T0 = Date.UTC(2026, 10, 20, 6, 0, 0) as EpochMs;

let rigs = 0;

/** @param region of an own engine. */
export async function openS3Rig(region = 'eu-central-1'): Promise<S3Rig> {
  const under = isForeign('S3') ? useForeignS3() : await startOwnS3(region);
  const bucket = sharedName('S3', isForeign('S3') ? `claims-${++rigs}` : 'claims');
  const { client } = under;
  if (isForeign('S3')) removeLater(() => removeBucket(client, bucket));
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { ...under, bucket };
}

function useForeignS3(): Omit<S3Rig, 'bucket'> {
  // closed only after the buckets are gone, at the end of the process
  return { client: new S3Client(), url: '', [Symbol.asyncDispose]: async () => {} };
}

async function startOwnS3(region: string): Promise<Omit<S3Rig, 'bucket'>> {
  const endpoint = await openEndpoint({ log: () => {} });
  endpoint.add(createS3({ clock: createMovableClock(() => T0), region, accountId: '111122223333' }).service);
  const client = new S3Client({
    endpoint: endpoint.url,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    client,
    url: endpoint.url,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await endpoint.close();
    },
  };
}

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  const Objects = Contents.map(({ Key }) => ({ Key }));
  if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  await client.send(new DeleteBucketCommand({ Bucket }));
  client.destroy();
}
