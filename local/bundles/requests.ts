import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_REQUEST_FILE, type BundleRequest, requestKeyOf } from '../../infra/bundles/bundle-request.ts';

/** A function whose bundle the local run makes. */
export interface RequestedBundle extends BundleRequest {
  /** Path of the construct, for messages. */
  readonly functionPath: string;
  /** The asset that stands for the bundle in the assembly. */
  readonly assetFolder: string;
  /** Equal for requests with the same bundle; a name for a folder. */
  readonly key: string;
}

const KEY_LENGTH = 16;

export const shortDigest = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, KEY_LENGTH);

/** The functions of an assembly, in no order. */
export function readRequests(assemblyFolder: string): readonly RequestedBundle[] {
  return readdirSync(assemblyFolder).flatMap((name) => {
    const assetFolder = join(assemblyFolder, name);
    const file = join(assetFolder, BUNDLE_REQUEST_FILE);
    if (!name.startsWith('asset.') || !existsSync(file)) return [];
    const request: BundleRequest & { readonly functionPath: string } = JSON.parse(readFileSync(file, 'utf8'));
    return [{ ...request, assetFolder, key: shortDigest(requestKeyOf(request)) }];
  });
}
