/** A set in a chosen order, with constant-time removal anywhere: queues lose messages from their middle all the time. */
export interface LinkedSet<T> {
  readonly size: number;
  first(): T | undefined;
  last(): T | undefined;
  append(value: T): void;
  /** Inserts before the first value, seen from the front, that does not `precede` it: for what returns to the front. */
  insertFromFront(value: T, precedes: (other: T) => boolean): void;
  /** Inserts after the last value, seen from the back, that does not `follow` it: for what arrives nearly in order. */
  insertFromBack(value: T, follows: (other: T) => boolean): void;
  /** @returns false when the value was not in the set. */
  remove(value: T): boolean;
  /** In order. The value just given may be removed while iterating. */
  values(): Iterable<T>;
}

interface Node<T> {
  readonly value: T;
  previous: Node<T> | undefined;
  next: Node<T> | undefined;
}

export function createLinkedSet<T>(): LinkedSet<T> {
  const nodes = new Map<T, Node<T>>();
  let head: Node<T> | undefined;
  let tail: Node<T> | undefined;

  const insertBetween = (previous: Node<T> | undefined, value: T, next: Node<T> | undefined) => {
    const node: Node<T> = { value, previous, next };
    if (previous === undefined) head = node;
    else previous.next = node;
    if (next === undefined) tail = node;
    else next.previous = node;
    nodes.set(value, node);
  };

  return {
    get size() {
      return nodes.size;
    },
    first: () => head?.value,
    last: () => tail?.value,
    append: (value) => insertBetween(tail, value, undefined),
    insertFromFront(value, precedes) {
      let next = head;
      while (next !== undefined && precedes(next.value)) next = next.next;
      insertBetween(next === undefined ? tail : next.previous, value, next);
    },
    insertFromBack(value, follows) {
      let previous = tail;
      while (previous !== undefined && follows(previous.value)) previous = previous.previous;
      insertBetween(previous, value, previous === undefined ? head : previous.next);
    },
    remove(value) {
      const node = nodes.get(value);
      if (node === undefined) return false;
      if (node.previous === undefined) head = node.next;
      else node.previous.next = node.next;
      if (node.next === undefined) tail = node.previous;
      else node.next.previous = node.previous;
      return nodes.delete(value);
    },
    *values() {
      for (let node = head; node !== undefined; ) {
        const { value, next } = node;
        yield value;
        node = next;
      }
    },
  };
}
