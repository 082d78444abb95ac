import type { Caller, RestService } from '../endpoint/service.ts';

/** Puts a JSON text as an object, from inside the run. @throws AwsError as PutObject does. */
export async function putObject(
  s3: RestService,
  { bucketName, key, body }: { readonly bucketName: string; readonly key: string; readonly body: string },
  caller: Caller,
): Promise<void> {
  await s3.handle(
    {
      method: 'PUT',
      path: `/${bucketName}/${key}`,
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(body),
    },
    caller,
  );
}
