import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, listAt, objectAt, stringAt } from '../template/json.ts';
import { adviceOnMissing } from './errors.ts';

/** What an app says in its assembly that the CDK CLI would fail for. */
export function reportedProblems(assemblyFolder: string): readonly string[] {
  const manifest = readJson(join(assemblyFolder, 'manifest.json'));
  const missing = listAt(manifest, 'missing').map((each) => stringAt(each, 'key') ?? '');
  return [
    ...(missing.length === 0
      ? []
      : [`Missing context keys: '${missing.join(', ')}', and there is no account to ask${adviceOnMissing(missing)}`]),
    ...Object.values(objectAt(manifest, 'artifacts')).flatMap((artifact) => {
      const directory = stringAt(objectAt(artifact, 'properties'), 'directoryName');
      const isAssembly = stringAt(artifact, 'type') === 'cdk:cloud-assembly';
      if (isAssembly && directory !== undefined) return reportedProblems(join(assemblyFolder, directory));
      const file = stringAt(artifact, 'additionalMetadataFile');
      const more = file === undefined ? {} : readJson(join(assemblyFolder, file));
      return [objectAt(artifact, 'metadata'), more].flatMap(errorsIn);
    }),
  ];
}

/** Errors by `Annotations.of(construct).addError`. */
function errorsIn(metadata: unknown): readonly string[] {
  if (!isObject(metadata)) return [];
  return Object.keys(metadata).flatMap((path) =>
    listAt(metadata, path)
      .filter((entry) => stringAt(entry, 'type') === 'aws:cdk:error')
      .map((entry) => `[Error at ${path}] ${stringAt(entry, 'data') ?? ''}`),
  );
}

const readJson = (path: string): unknown => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {});
