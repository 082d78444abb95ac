import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../endpoint/service.ts';
import { AssemblyError } from './errors.ts';
import { isObject, objectAt, stringAt, toList } from './json.ts';
import { orderByDependency } from './order.ts';

/** A stack of the assembly, with its template as written. */
export interface AssemblyStack {
  readonly stackName: string;
  /** `undefined` when the stack is not bound to an account. */
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly template: JsonObject;
  /** Logical ids of resources that the run is not to have. @default none */
  readonly leftOut?: ReadonlySet<string>;
}

export interface Assembly {
  /** A stack comes after the stacks that it depends on. */
  readonly stacks: readonly AssemblyStack[];
  /** Folder (or file) of each asset, by its S3 key. */
  readonly assetPaths: ReadonlyMap<string, string>;
}

interface Artifact {
  readonly folder: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly environment: string;
  readonly dependencies: readonly string[];
}

/**
 * Reads what `cdk synth` wrote, nested assemblies (stages) included.
 * @throws AssemblyError when `folder` holds no readable assembly.
 */
export function readAssembly(folder: string): Assembly {
  const artifacts = readArtifacts(folder);
  const stackIds = [...artifacts].filter(([, { type }]) => type === 'aws:cloudformation:stack').map(([id]) => id);
  const ordered = orderByDependency(stackIds, (id) => artifacts.get(id)?.dependencies ?? []);
  if (ordered.cycle !== undefined)
    throw new AssemblyError(`stacks depend on each other: ${ordered.cycle.join(' -> ')}`);

  return {
    stacks: ordered.order.flatMap((id) => {
      const artifact = artifacts.get(id);
      return artifact === undefined ? [] : [readStack(id, artifact)];
    }),
    assetPaths: new Map([...artifacts.values()].flatMap(readAssetPaths)),
  };
}

/**
 * Reads what several apps make together, in the order of their folders: each app may refer to what those before it deploy.
 * @throws AssemblyError when a folder holds no readable assembly, and when two apps have a stack of one name.
 */
export function readAssemblies(folders: string | readonly string[]): Assembly {
  const assemblies = [folders].flat().map((folder) => ({ folder, ...readAssembly(folder) }));
  const owners = new Map<string, string>();
  for (const { folder, stacks } of assemblies) {
    for (const { stackName } of stacks) {
      const owner = owners.get(stackName);
      if (owner !== undefined && owner !== folder) {
        throw new AssemblyError(
          `two apps have a stack '${stackName}', which would be one stack in an account and region; rename one of them`,
        );
      }
      owners.set(stackName, folder);
    }
  }
  return {
    stacks: assemblies.flatMap(({ stacks }) => stacks),
    assetPaths: new Map(assemblies.flatMap(({ assetPaths }) => [...assetPaths])),
  };
}

function readArtifacts(folder: string): Map<string, Artifact> {
  const manifest = readJson(join(folder, 'manifest.json'));
  const artifacts = new Map<string, Artifact>();
  for (const [id, artifact] of Object.entries(objectAt(manifest, 'artifacts'))) {
    const properties = objectAt(artifact, 'properties');
    const type = stringAt(artifact, 'type') ?? '';
    const directoryName = stringAt(properties, 'directoryName');
    if (type === 'cdk:cloud-assembly' && directoryName !== undefined) {
      for (const [nestedId, nested] of readArtifacts(join(folder, directoryName))) artifacts.set(nestedId, nested);
      continue;
    }
    const dependencies = isObject(artifact) ? toList(artifact['dependencies']).map(String) : [];
    artifacts.set(id, { folder, type, properties, environment: stringAt(artifact, 'environment') ?? '', dependencies });
  }
  return artifacts;
}

function readStack(id: string, artifact: Artifact): AssemblyStack {
  const templateFile = stringAt(artifact.properties, 'templateFile');
  if (templateFile === undefined) throw new AssemblyError(`stack '${id}' of the manifest names no template file`);
  // aws://<account>/<region>, where CDK writes unknown-account and unknown-region for a stack without an environment
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(artifact.environment) ?? [];
  return {
    stackName: stringAt(artifact.properties, 'stackName') ?? id,
    account: account === 'unknown-account' ? undefined : account,
    region: region === 'unknown-region' ? undefined : region,
    template: readJson(join(artifact.folder, templateFile)),
  };
}

function readAssetPaths({ folder, type, properties }: Artifact): [string, string][] {
  const file = stringAt(properties, 'file');
  if (type !== 'cdk:asset-manifest' || file === undefined) return [];
  const files = objectAt(readJson(join(folder, file)), 'files');
  return Object.values(files).flatMap((asset) => {
    const path = stringAt(objectAt(asset, 'source'), 'path');
    if (path === undefined) return [];
    const destinations = Object.values(objectAt(asset, 'destinations'));
    return destinations.flatMap((destination): [string, string][] => {
      const key = stringAt(destination, 'objectKey');
      return key === undefined ? [] : [[key, join(folder, path)]];
    });
  });
}

function readJson(path: string): JsonObject {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new AssemblyError(`'${path}' cannot be read as part of a cloud assembly; run cdk synth first`, { cause });
  }
  if (!isObject(content)) throw new AssemblyError(`'${path}' holds no JSON object; run cdk synth again`);
  return content;
}
