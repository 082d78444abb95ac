/** A value in the wire format: one member, named by its type; binary is base64 text, numbers are decimal text. */
export interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
  readonly L?: readonly AttributeValue[];
  readonly M?: Item;
}

/** Not changed after it is stored: writes replace it, so that images and responses can share it. */
export type Item = { readonly [attribute: string]: AttributeValue };

/**
 * Whether two items have the same data. Sets are compared without order, and numbers by value, because they are stored
 * normalized.
 */
export function sameItem(a: Item | undefined, b: Item | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameValue(a[name], b[name]))
  );
}

export function sameValue(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (a.M !== undefined) return sameItem(a.M, b.M);
  if (a.L !== undefined) return a.L.length === b.L?.length && a.L.every((value, at) => sameValue(value, b.L?.[at]));
  return (
    a.S === b.S &&
    a.N === b.N &&
    a.B === b.B &&
    a.BOOL === b.BOOL &&
    a.NULL === b.NULL &&
    b.M === undefined &&
    b.L === undefined &&
    sameSet(a.SS, b.SS) &&
    sameSet(a.NS, b.NS) &&
    sameSet(a.BS, b.BS)
  );
}

function sameSet(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((member) => b.includes(member));
}

export function pickAttributes(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}
