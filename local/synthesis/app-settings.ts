import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../endpoint/service.ts';
import { isObject, objectAt, stringAt } from '../template/json.ts';
import { SynthesisError } from './errors.ts';

/** What the CDK CLI would read of an app before it runs it. */
export interface AppSettings {
  /** The line that runs the app; undefined if only the CLI knows how. */
  readonly app: string | undefined;
  /** A line to run first. */
  readonly build: string | undefined;
  readonly context: JsonObject;
}

/**
 * Reads `cdk.json`, `cdk.context.json` and `~/.cdk.json` in the CLI's order.
 * @throws SynthesisError for a file that is no JSON object
 */
export function readAppSettings(projectFolder: string): AppSettings {
  const project = readJson(join(projectFolder, 'cdk.json'));
  const found = readJson(join(projectFolder, 'cdk.context.json'));
  const user = readJson(join(homedir(), '.cdk.json'));
  const app = commandOf(project['app'] ?? user['app']);
  return {
    // the CLI takes a folder for an assembly, and finds the interpreter of a file
    app: app === undefined || isPath(projectFolder, app) ? undefined : app,
    build: stringAt(project, 'build') ?? stringAt(user, 'build'),
    context: { ...objectAt(user, 'context'), ...found, ...objectAt(project, 'context'), ...metadataOf(project) },
  };
}

/** What the CLI asks the app to write beside the resources. */
function metadataOf(project: JsonObject): JsonObject {
  return {
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': project['assetMetadata'] !== false,
    ...(project['versionReporting'] === false
      ? { 'aws:cdk:disable-version-reporting': true }
      : { 'aws:cdk:version-reporting': true }),
    'aws:cdk:bundling-stacks': ['**'],
  };
}

function commandOf(app: unknown): string | undefined {
  if (Array.isArray(app)) return app.join(' ');
  return typeof app === 'string' && app.trim() !== '' ? app.trim() : undefined;
}

function isPath(projectFolder: string, app: string): boolean {
  const [word = ''] = app.split(' ');
  return [app, word].some((path) => statSync(join(projectFolder, path), { throwIfNoEntry: false }) !== undefined);
}

function readJson(path: string): JsonObject {
  if (!existsSync(path)) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new SynthesisError(`'${path}' is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  if (!isObject(content)) throw new SynthesisError(`'${path}' must hold a JSON object`);
  return content;
}
