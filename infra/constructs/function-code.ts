import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { AssetHashType, type CfnResource, DockerImage, Lazy, Stack } from 'aws-cdk-lib';
import { Code, type CodeConfig } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct, IConstruct } from 'constructs';
import { writeBundle } from '../bundles/bundle.ts';
import { BUNDLE_REQUEST_FILE, type BundleRequest } from '../bundles/bundle-request.ts';
import { type BundleResult, makeBundles } from '../bundles/bundler.ts';
import { isLocalRun } from '../local-run.ts';

/**
 * The bundle of a function, made at the synthesis: whoever first asks for one has those of all functions of the app made in
 * one build.
 */
export class FunctionCode extends Code {
  readonly isInline = false;
  readonly request: BundleRequest;
  /** The entry as the app names it, for messages. */
  readonly entry: string;
  private scope: Construct | undefined;
  private resource: CfnResource | undefined;
  private asset: Asset | undefined;

  constructor(request: BundleRequest, entry: string) {
    super();
    this.request = request;
    this.entry = entry;
  }

  override bind(scope: Construct): CodeConfig {
    this.scope = scope;
    bundlesOf(scope).add(scope, this);
    scope.node.addValidation({ validate: () => this.problems() });
    // not cached: what asks before the synthesis must not fix the answer
    return {
      s3Location: {
        bucketName: Lazy.uncachedString({
          produce: ({ preparing }) => this.staged(preparing)?.s3BucketName ?? UNBUILT,
        }),
        objectKey: Lazy.uncachedString({ produce: ({ preparing }) => this.staged(preparing)?.s3ObjectKey ?? UNBUILT }),
      },
    };
  }

  override bindToResource(resource: CfnResource): void {
    this.resource = resource;
  }

  private problems(): string[] {
    const result = this.result();
    return result !== undefined && 'problem' in result ? [this.describe(result.problem)] : [];
  }

  private describe(problem: string): string {
    return `function '${this.scope?.node.path}' cannot be bundled: entry '${this.entry}': ${problem}`;
  }

  private result(): BundleResult | undefined {
    return this.scope === undefined ? undefined : bundlesOf(this.scope).resultOf(this.scope);
  }

  /** @returns undefined while validation is still to tell what is wrong with the bundle */
  private staged(preparing: boolean): Asset | undefined {
    const { scope, resource, request } = this;
    if (scope === undefined) throw new TypeError('the code belongs to no function');
    const result = this.result();
    if (result !== undefined && 'problem' in result) {
      if (preparing) return undefined;
      throw new Error(this.describe(result.problem));
    }
    this.asset ??= createAsset(scope, request, result?.digest ?? '', (folder) => {
      if (result === undefined) writeRequest(request, folder, scope.node.path);
      else writeBundle(result.bundle, folder, request.root);
    });
    if (resource !== undefined) this.asset.addResourceMetadata(resource, 'Code');
    return this.asset;
  }
}

/** Stands in a template that is not written: its synthesis fails. */
const UNBUILT = 'not-built';

/** CDK stages what `write` writes, under the hash of its content; not for a stack that needs no bundles. */
function createAsset(scope: Construct, request: BundleRequest, digest: string, write: (folder: string) => void): Asset {
  return new Asset(scope, 'Code', {
    path: request.root,
    deployTime: true,
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // never used
      image: DockerImage.fromRegistry('dummy'),
      // CDK stages bundles with equal settings once
      command: [scope.node.path, relative(request.root, request.entry), JSON.stringify(request.options), digest],
      local: {
        tryBundle(folder) {
          write(folder);
          return true;
        },
      },
    },
  });
}

/** Leaves the bundle to the local run, which makes those of several apps together and follows their sources. */
function writeRequest(request: BundleRequest, folder: string, functionPath: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, BUNDLE_REQUEST_FILE), JSON.stringify({ ...request, functionPath }));
}

/** The bundles of one app. */
interface AppBundles {
  add(scope: Construct, code: FunctionCode): void;
  /** Makes all bundles that are missing. @returns undefined if the function's stack needs none */
  resultOf(scope: Construct): BundleResult | undefined;
}

const apps = new WeakMap<IConstruct, AppBundles>();

function bundlesOf(scope: Construct): AppBundles {
  const { root } = scope.node;
  const bundles = apps.get(root) ?? createAppBundles(root);
  apps.set(root, bundles);
  return bundles;
}

function createAppBundles(root: IConstruct): AppBundles {
  const codes = new Map<Construct, FunctionCode>();
  const results = new Map<Construct, BundleResult>();
  const isNeeded = (scope: Construct) => Stack.of(scope).bundlingRequired && !isLocalRun(root);
  return {
    add: (scope, code) => void codes.set(scope, code),
    resultOf(scope) {
      if (!isNeeded(scope)) return undefined;
      if (!results.has(scope)) {
        const missing = [...codes].filter(([each]) => !results.has(each) && isNeeded(each));
        const made = makeBundles(missing.map(([, { request }]) => request));
        for (const [index, result] of made.entries()) {
          const [each] = missing[index] ?? [];
          if (each !== undefined) results.set(each, result);
        }
      }
      return results.get(scope);
    },
  };
}
