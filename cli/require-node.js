// JavaScript, because old versions of Node would fail at TypeScript with a stack trace. Loaded by `--import`.
import { readFileSync } from 'node:fs';

const LEAST_MAJOR = 24;

if (Number.parseInt(process.versions.node, 10) < LEAST_MAJOR) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stderr.write(
    `Node.js ${LEAST_MAJOR} or later is needed to run the sources of Waybill, this is ${process.versions.node} (${process.execPath}): ` +
      `run 'npm rebuild node --ignore-scripts=false', which installs Node.js ${manifest.devDependencies.node} for the npm scripts, ` +
      `or install Node.js ${LEAST_MAJOR}\n`,
  );
  process.exit(1);
}
