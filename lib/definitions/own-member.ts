/** Reads an own property; never an inherited one, such as `constructor`. */
export const ownMember = <Value>(object: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** An object literal cannot have an own property with this name: it would set the prototype. */
export const UNUSABLE_NAME = '__proto__';
