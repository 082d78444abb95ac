import { deserialize, serialize } from 'node:v8';
import { version } from 'esbuild';
import { buildBundles } from './build-bundles.ts';
import type { Bundle } from './bundle.ts';
import { type BundleRequest, requestKeyOf } from './bundle-request.ts';
import { type ContentCache, digestOf, openCache } from './content-cache.ts';
import { createFingerprintReader, type Fingerprint, type FingerprintReader } from './fingerprint.ts';

/** A function's bundle, or what is wrong with it, in one line. */
export type BundleResult = { readonly bundle: Bundle; readonly digest: string } | { readonly problem: string };

/** Changes with the form of what is stored. */
const FORM = '1';

interface Stored {
  readonly fingerprint: Fingerprint;
  readonly bundle: Bundle;
}

/**
 * Makes all bundles at once. A bundle whose sources, packages and options are as they were is taken from the project's cache;
 * the others are built together.
 * @returns one for each request, in their order
 */
export function makeBundles(requests: readonly BundleRequest[]): readonly BundleResult[] {
  const results = new Map<string, BundleResult>();
  for (const [root, ofProject] of Map.groupBy(requests, (request) => request.root)) {
    const cache = openCache(root, 'bundles');
    const reader = createFingerprintReader(root);
    const distinct = new Map(ofProject.map((request) => [requestKeyOf(request), request]));
    const missing: BundleRequest[] = [];
    for (const [key, request] of distinct) {
      const bundle = readStored(cache, cacheKeyOf(request), reader);
      if (bundle === undefined) missing.push(request);
      else results.set(key, resultOf(bundle));
    }
    for (const [index, built] of buildBundles(missing).entries()) {
      const request = missing[index];
      if (request === undefined) continue;
      results.set(requestKeyOf(request), 'problem' in built ? built : resultOf(built.bundle));
      if ('problem' in built) continue;
      const stored: Stored = { fingerprint: reader.of(built.inputs), bundle: built.bundle };
      cache.write(cacheKeyOf(request), serialize(stored));
    }
  }
  return requests.map((request) => results.get(requestKeyOf(request)) ?? { problem: 'was not built' });
}

const cacheKeyOf = (request: BundleRequest): string => digestOf(FORM, version, requestKeyOf(request));

const resultOf = (bundle: Bundle): BundleResult => ({ bundle, digest: digestOf(bundle.code, bundle.map) });

function readStored(cache: ContentCache, key: string, reader: FingerprintReader): Bundle | undefined {
  const content = cache.read(key);
  if (content === undefined) return undefined;
  try {
    const stored: Stored = deserialize(content);
    return reader.matches(stored.fingerprint) ? stored.bundle : undefined;
  } catch {
    // written by something else, or damaged: it is built anew
    return undefined;
  }
}
