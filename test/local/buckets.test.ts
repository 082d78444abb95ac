import { describe, expect, it } from 'vitest';
import { createBuckets } from '../../local/buckets.ts';

describe('buckets', () => {
  it('keep the last body under each key', () => {
    const buckets = createBuckets();
    buckets.create('failed');

    buckets.putObject('failed', 'a', 'first');
    buckets.putObject('failed', 'a', 'second');

    expect([...buckets.objects('failed')]).toEqual([['a', 'second']]);
  });

  it('reject a name that is no bucket of the run, and say which are', () => {
    const buckets = createBuckets();
    buckets.create('failed');

    expect(() => buckets.putObject('lost', 'a', 'body')).toThrow("bucket 'lost' does not exist; this run has failed");
  });
});
