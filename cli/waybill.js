#!/usr/bin/env node
// The command of the package. In Waybill's own repository it runs the sources, so that `npx waybill` works without a build.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (path) => fileURLToPath(new URL(path, import.meta.url));

if (existsSync(pathOf('./main.ts'))) {
  const child = spawn(
    process.execPath,
    [
      '--conditions=waybill-source',
      '--import',
      new URL('./require-node.js', import.meta.url).href,
      pathOf('./main.ts'),
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit' },
  );
  // the terminal sends Ctrl-C to both processes; this one must end after the command
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (status, signal) => {
    process.exitCode = status ?? 1;
    if (signal !== null) process.stderr.write(`waybill was ended by ${signal}\n`);
  });
} else if (isOlderThan(22, 18)) {
  process.stderr.write(
    `Node.js 22.18 or later is needed to run waybill, this is ${process.versions.node} (${process.execPath}): install a newer one, or add the package 'node' to your project and use npx\n`,
  );
  process.exitCode = 1;
} else await import(new URL('../dist/cli/main.js', import.meta.url).href);

function isOlderThan(major, minor) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
