import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RuntimeError } from './error-payload.ts';
import { isPlainJs, requirePlainJs } from './plain-js.ts';

export type Handler = (event: unknown, context: unknown) => unknown;

/** In the order in which Lambda looks for the module of a handler. */
const MODULE_ENDINGS = ['.js', '.mjs', '.cjs'] as const;

/** From this number of parameters on, Lambda takes the last one for a callback, or took it. */
const CALLBACK_PARAMETERS = 3;

/**
 * Loads the function that `handler` names, e.g. `index.handler` or `dist/index.nested.handler`.
 * @param takesCallbacks whether its runtime has callback handlers
 * @throws RuntimeError named as Lambda names it; what the module itself throws passes through.
 */
export async function loadHandler(taskRoot: string, handler: string, takesCallbacks: boolean): Promise<Handler> {
  const { modulePath, exportPath } = parseHandlerName(handler);
  const file = MODULE_ENDINGS.map((ending) => join(taskRoot, modulePath + ending)).find(existsSync);
  if (file === undefined) {
    throw new RuntimeError(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${modulePath}': there is none of ${MODULE_ENDINGS.join(', ')} in ${taskRoot}`,
    );
  }
  const exported = exportPath.reduce<unknown>(memberOf, await importModule(taskRoot, file));
  if (exported === undefined) {
    throw new RuntimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  if (typeof exported !== 'function') {
    throw new RuntimeError('Runtime.HandlerNotFound', `${handler} is not a function`);
  }
  if (exported.length >= CALLBACK_PARAMETERS) {
    if (takesCallbacks) return answeringByCallback(exported as CallbackHandler);
    throw new RuntimeError(
      'Runtime.CallbackHandlerDeprecated',
      `${handler} takes ${exported.length} parameters, but Node.js 24 and later have no callback handlers: make it async`,
    );
  }
  return exported as Handler;
}

type Callback = (error?: unknown, result?: unknown) => void;
type CallbackHandler = (event: unknown, context: unknown, callback: Callback) => unknown;

/** The callback or a returned promise answers, whichever comes first; a handler that uses neither runs into its timeout. */
const answeringByCallback =
  (handler: CallbackHandler): Handler =>
  (event, context) =>
    new Promise((resolve, reject) => {
      const returned = handler(event, context, (error, result) =>
        error === undefined || error === null ? resolve(result) : reject(error),
      );
      if (returned instanceof Promise) returned.then(resolve, reject);
    });

function parseHandlerName(handler: string): { modulePath: string; exportPath: readonly string[] } {
  if (handler.includes('..')) {
    throw new RuntimeError(
      'Runtime.MalformedHandlerName',
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const [, moduleName, exportName] = /^([^.]+)\.(.+)$/.exec(basename(handler)) ?? [];
  if (moduleName === undefined || exportName === undefined) {
    throw new RuntimeError('Runtime.MalformedHandlerName', `Bad handler '${handler}': it has the form 'file.export'`);
  }
  return { modulePath: join(dirname(handler), moduleName), exportPath: exportName.split('.') };
}

async function importModule(taskRoot: string, file: string): Promise<unknown> {
  try {
    if (isPlainJs(taskRoot, file)) return requirePlainJs(taskRoot, file);
    const namespace: Record<string, unknown> = await import(pathToFileURL(file).href);
    return 'module.exports' in namespace ? namespace['module.exports'] : namespace;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new RuntimeError('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, { cause: error });
    }
    if (error instanceof Error && 'code' in error && /^(ERR_)?MODULE_NOT_FOUND$/.test(String(error.code))) {
      throw new RuntimeError('Runtime.ImportModuleError', `Error: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

const memberOf = (holder: unknown, name: string): unknown =>
  typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
