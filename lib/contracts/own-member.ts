/** The object's own member of that name; never what every object inherits, such as `constructor`. */
export const ownMember = <Value>(object: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** A name that no object literal can hold as a member of its own: it would become the object's prototype. */
export const UNUSABLE_NAME = '__proto__';
