/** Loaded into the process of a CDK app by `--import`: writes down which files the app is made of. */
import { appendFileSync } from 'node:fs';
import * as module from 'node:module';
import { join } from 'node:path';

const folder = process.env['WAYBILL_MODULES_FOLDER'];

// an older Node has no such hooks: then the run takes every file for one of the app
if (folder !== undefined && typeof module.registerHooks === 'function') {
  const urls = new Set<string>();
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const found = nextResolve(specifier, context);
      const { url } = found;
      if (url.startsWith('file:') && !url.includes('/node_modules/')) urls.add(url.replace(/[?#].*$/s, ''));
      return found;
    },
  });
  process.once('exit', () => {
    if (urls.size > 0) appendFileSync(join(folder, String(process.pid)), `${[...urls].join('\n')}\n`);
  });
}
