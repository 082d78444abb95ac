/**
 * Gives `target` a member that is read like any other, and that no logger, JSON.stringify or inspect shows: what it
 * holds may be personal.
 */
export const defineHidden = (target: object, name: string, value: unknown): void =>
  void Object.defineProperty(target, name, { value, enumerable: false });
