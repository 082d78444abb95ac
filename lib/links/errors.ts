import { WaybillError } from '../definitions/index.ts';
import { type EntityRef, entityKey } from './entity.ts';
import type { LinkIdentity } from './link.ts';

const describe = ({ type, source, target }: LinkIdentity): string =>
  `the link '${type}' from '${entityKey(source)}' to '${entityKey(target)}'`;

/** A link, an entity or metadata is invalid. Nothing was written. */
export class LinkInvalidError extends WaybillError {
  readonly code = 'LINK_INVALID';
  override readonly disposition = 'permanent';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`not a link: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** The part has another aggregate root. Nothing was written. */
export class AggregateRootTakenError extends WaybillError {
  readonly code = 'LINK_AGGREGATE_ROOT_TAKEN';
  readonly root: EntityRef;

  constructor({ source, target }: LinkIdentity, root: EntityRef) {
    super(
      `'${entityKey(target)}' cannot become a part of '${entityKey(source)}': it is a part of '${entityKey(root)}', and a part has one aggregate root; delete or release that link first, in a transaction of its own, or use the type 'cascade'`,
    );
    this.root = root;
  }
}

/** A link that does not exist was to be changed. Nothing was written. */
export class LinkNotFoundError extends WaybillError {
  readonly code = 'LINK_NOT_FOUND';

  constructor(link: LinkIdentity) {
    super(`${describe(link)} does not exist: create it first`);
  }
}

/** Two different changes of a link were collected in one unit of work; a transaction takes one. Nothing was written. */
export class LinkChangedTwiceError extends WaybillError {
  readonly code = 'LINK_CHANGED_TWICE';
  override readonly disposition = 'permanent';

  /** @param first, second the methods that were called, without their arguments, which may be personal */
  constructor(link: LinkIdentity, first: string, second: string) {
    const calls = first === second ? `'${first}' with two values` : `'${first}', then '${second}'`;
    super(
      `${describe(link)} cannot be changed twice in one unit of work (${calls}): do one of the two in a transaction of its own`,
    );
  }
}

/** An item of the link table is malformed: no release writes such an item. */
export class LinkItemError extends WaybillError {
  readonly code = 'LINK_ITEM_UNREADABLE';

  constructor(problem: string, options?: ErrorOptions) {
    super(`an item of the link table cannot be read: ${problem}`, options);
  }
}

/** The cursor is not of a page of this query and tenant. */
export class LinkCursorError extends WaybillError {
  readonly code = 'LINK_CURSOR_INVALID';

  constructor(cursor: unknown, options?: ErrorOptions) {
    super(
      `'after' must be 'next' of the page before, of the same query and tenant, got ${typeof cursor === 'string' ? `'${cursor.slice(0, 100)}'` : typeof cursor}`,
      options,
    );
  }
}
