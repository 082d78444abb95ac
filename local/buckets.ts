/** The little of S3 that the run needs: a place for what Lambda could not process. */
export interface Buckets {
  create(bucketName: string): void;
  /** @throws RangeError when there is no such bucket. */
  putObject(bucketName: string, key: string, body: string): void;
  /** Bodies by key, in the order of their first writing. @throws RangeError when there is no such bucket. */
  objects(bucketName: string): ReadonlyMap<string, string>;
}

export function createBuckets(): Buckets {
  const buckets = new Map<string, Map<string, string>>();
  const find = (bucketName: string) => {
    const bucket = buckets.get(bucketName);
    if (bucket === undefined) {
      throw new RangeError(
        `bucket '${bucketName}' does not exist; this run has ${[...buckets.keys()].join(', ') || 'none'}`,
      );
    }
    return bucket;
  };

  return {
    create: (bucketName) => void buckets.set(bucketName, new Map()),
    putObject: (bucketName, key, body) => void find(bucketName).set(key, body),
    objects: find,
  };
}
