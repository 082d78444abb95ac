/** Classes that Node's `http` takes from undici. */
const NAMES = ['CloseEvent', 'MessageEvent', 'WebSocket'] as const;

type Class = new (...args: unknown[]) => object;

let isDeferred = false;

/**
 * Has undici loaded by the first use of these classes in place of the first `import` of `http`, which reads all that the module
 * exports. Loading undici takes half of a function's first call; here each has one, since endpoints are not encrypted, and
 * in Lambda none, since `https` exports none of them.
 */
export function deferUndici(): void {
  if (isDeferred) return;
  isDeferred = true;
  const http = process.getBuiltinModule('node:http');
  for (const name of NAMES) {
    const { get, configurable, enumerable } = Object.getOwnPropertyDescriptor(http, name) ?? {};
    if (get === undefined || configurable !== true) continue;
    const value = deferredClass(() => get.call(http));
    Object.defineProperty(http, name, { value, configurable, enumerable: enumerable ?? true, writable: true });
  }
}

/** Behaves as the class that `read` gives. */
function deferredClass(read: () => Class): Class {
  // of a class, a proxy would have to show the prototype
  function target() {}
  const deferred: Class = new Proxy(target as unknown as Class, {
    construct: (_, args, newTarget) => Reflect.construct(read(), args, newTarget === deferred ? read() : newTarget),
    get: (_, key) => Reflect.get(read(), key),
    has: (_, key) => Reflect.has(read(), key),
  });
  return deferred;
}
