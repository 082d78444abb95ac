/**
 * Writes what each face of the package declares to `build/api` (`npm run api`), or with `--check` compares it with what is
 * committed there (`npm run check:api`): a change of the public API is a change of these files.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig, type ExtractorMessage } from '@microsoft/api-extractor';
import { createTemporaryFolder } from '../local/temporary-folder.ts';
import { compileFaces, type Face, ROOT, readFaces } from './declarations.ts';

const REPORTS = join(ROOT, 'build/api');

/** A type of a public declaration that its face does not export. */
interface Unexported {
  readonly name: string;
  readonly face: string;
  /** Where it is used. */
  readonly at: string;
}

/** Types that users get from one function and pass to another, and do not name: what is in them is no promise. */
const PASSED_ON: ReadonlySet<string> = new Set([
  // of a consumer's runtime
  'AttemptDeps',
  'ConsumerQueue',
  'ConsumerTuning',
  'FailureNotes',
  'StrictOrdering',
  // of an outbox's store
  'CommitOutcome',
  'GroupHead',
  'OutboxCommit',
  // of a hub
  'HubArns',
  'RelayProps',
  'SagaTimersProps',
  'ReconcilerProps',
  'SweeperProps',
  'Topology',
]);

const fileOf = ({ name }: Face): string => `${name.replace('/', '-')}.api.md`;

function extract(faces: readonly Face[]): { reports: ReadonlyMap<string, string>; unexported: readonly Unexported[] } {
  using folder = createTemporaryFolder();
  const declarations = join(folder.path, 'declarations');
  compileFaces(declarations, '--emitDeclarationOnly');
  // the declarations are read as those of an installed package: ES modules, with what they import
  writeFileSync(join(declarations, 'package.json'), JSON.stringify({ name: 'waybill', type: 'module' }));
  symlinkSync(join(ROOT, 'node_modules'), join(declarations, 'node_modules'));

  const entryPoints = faces.map((face) => join(declarations, face.declarations));
  const configs = faces.map((face, index) =>
    configOf(face, { declarations, entryPoint: entryPoints[index] ?? '', entryPoints }),
  );
  const [first] = configs;
  if (first === undefined) throw new Error('package.json exports no face');
  const compilerState = CompilerState.create(first, { additionalEntryPoints: entryPoints });
  const unexported: Unexported[] = [];
  const reports = new Map<string, string>();
  for (const [index, config] of configs.entries()) {
    const face = faces[index];
    if (face === undefined) continue;
    const problems: string[] = [];
    const messageCallback = (message: ExtractorMessage) => {
      message.handled = true;
      const at = `${message.sourceFilePath?.slice(declarations.length + 1)}:${message.sourceFileLine}`;
      const [, name] = /^The symbol "(.+?)" needs to be exported/.exec(message.text) ?? [];
      if (message.messageId === 'ae-forgotten-export' && name !== undefined) {
        unexported.push({ name, face: face.name, at });
      } else if (message.logLevel === 'error') problems.push(`${at}: ${message.text}`);
    };
    Extractor.invoke(config, { localBuild: true, compilerState, messageCallback });
    if (problems.length > 0) throw new Error(`${face.name} cannot be described:\n${problems.join('\n')}`);
    reports.set(fileOf(face), tidy(face, readFileSync(config.reportFilePath, 'utf8')));
  }
  return { reports, unexported };
}

interface EntryPoints {
  readonly declarations: string;
  readonly entryPoint: string;
  readonly entryPoints: readonly string[];
}

function configOf(face: Face, { declarations, entryPoint, entryPoints }: EntryPoints): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(declarations, 'package.json'),
    configObject: {
      projectFolder: declarations,
      mainEntryPointFilePath: entryPoint,
      compiler: { overrideTsconfig: { compilerOptions: compilerOptions(), files: entryPoints } },
      apiReport: {
        enabled: true,
        reportFileName: fileOf(face),
        reportFolder: join(declarations, 'reports'),
        reportTempFolder: join(declarations, 'reports/temp'),
      },
      newlineKind: 'lf',
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          ...SILENT,
          'ae-forgotten-export': { logLevel: 'warning', addToApiReportFile: false },
        },
        // docstrings are not part of the report
        tsdocMessageReporting: SILENT,
      },
    },
  });
}

const SILENT = { default: { logLevel: 'none' } } as const;

/** Those of the repository that say what a declaration means. */
function compilerOptions(): Readonly<Record<string, unknown>> {
  const { compilerOptions: own } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
  const { target, lib, module, types, strict, skipLibCheck } = own;
  return { target, lib, module, types, strict, skipLibCheck, typeRoots: [join(ROOT, 'node_modules/@types')] };
}

/** Without what says nothing about the API. */
function tidy({ name }: Face, report: string): string {
  const code = /```ts\n([\s\S]*)```/.exec(report)?.[1] ?? '';
  const lines = code
    .split('\n')
    .filter((line) => !/^\s*\/\/ (\(undocumented\)|@public|\(No @packageDocumentation)/.test(line));
  return `# ${name}\n\nWritten by \`npm run api\`.\n\n\`\`\`ts\n${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n\`\`\`\n`;
}

/** Names that at least one face exports. */
function exportedNames(reports: Iterable<string>): ReadonlySet<string> {
  const pattern = /^export (?:declare |abstract )*(?:class|interface|type|const|let|function|enum|namespace) (\w+)/gm;
  return new Set([...reports].flatMap((report) => [...report.matchAll(pattern)].map(([, name = '']) => name)));
}

function describeChange(file: string, committed: string, current: string): string[] {
  const before = new Set(committed.split('\n'));
  const after = new Set(current.split('\n'));
  const only = (lines: Set<string>, others: Set<string>, sign: string) =>
    [...lines].filter((line) => !others.has(line)).map((line) => `  ${sign} ${line}`);
  return [`build/api/${file}:`, ...only(before, after, '-'), ...only(after, before, '+')];
}

function changesOf(reports: ReadonlyMap<string, string>): string[] {
  const committedFiles = globSync('*.api.md', { cwd: REPORTS });
  return [...new Set([...committedFiles, ...reports.keys()])].toSorted().flatMap((file) => {
    const path = join(REPORTS, file);
    const committed = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const current = reports.get(file) ?? '';
    return committed === current ? [] : describeChange(file, committed, current);
  });
}

function writeReports(reports: ReadonlyMap<string, string>): void {
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  for (const [file, report] of reports) writeFileSync(join(REPORTS, basename(file)), report);
}

function main(args: readonly string[]): number {
  const unknown = args.filter((arg) => arg !== '--check');
  if (unknown.length > 0) {
    console.error(`unknown argument '${unknown.join("' and '")}': use npm run api, or npm run check:api`);
    return 2;
  }
  const { reports, unexported } = extract(readFaces());
  const exported = exportedNames(reports.values());
  const nowhere = unexported.filter(({ name }) => !exported.has(name) && !PASSED_ON.has(name));
  for (const { name, face, at } of nowhere) {
    console.error(
      `${face} uses ${name} (${at}), which no face exports: export it there, or keep it out of the signature`,
    );
  }
  if (!args.includes('--check')) {
    writeReports(reports);
    return nowhere.length === 0 ? 0 : 1;
  }
  const changes = changesOf(reports);
  if (changes.length > 0) {
    console.error('The public API has changed. If that is meant, run npm run api and commit build/api:');
    for (const line of changes) console.error(line);
  }
  return nowhere.length + changes.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
