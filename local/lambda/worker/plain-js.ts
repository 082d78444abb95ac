import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Whether `file` is JavaScript whose kind no package.json inside the code folder says: CommonJS, then. */
export function isPlainJs(taskRoot: string, file: string): boolean {
  if (!file.endsWith('.js') || !file.startsWith(join(taskRoot, '/'))) return false;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return false;
    if (folder === taskRoot) return true;
  }
}

/**
 * Makes the CommonJS loader ignore the package.json files around the code folder: Lambda has none there, and one that
 * says `"type": "module"` would refuse the file. Module hooks cannot override this (Node 24), `require.extensions` can.
 */
export function requirePlainJs(taskRoot: string, file: string): unknown {
  const require = createRequire(file);
  const loadAsUsual = require.extensions['.js'];
  require.extensions['.js'] = (module, path) => {
    if (!isPlainJs(taskRoot, path)) return loadAsUsual(module, path);
    return Reflect.get(module, '_compile').call(module, readFileSync(path, 'utf8'), path);
  };
  return require(file);
}
