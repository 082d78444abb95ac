/**
 * Adds a readable member to `target` that loggers, JSON.stringify and inspect do not show, because it may contain
 * personal data.
 */
export const defineHidden = (target: object, name: string, value: unknown): void =>
  void Object.defineProperty(target, name, { value, enumerable: false });
