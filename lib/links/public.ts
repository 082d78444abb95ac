/** Links between entities of different services, with cascading deletes. Their events are in `waybill`. */
export { createLinkDeletion, type LinkDeletionOptions } from './deletion.ts';
export type { EntityRef } from './entity.ts';
export {
  AggregateRootTakenError,
  LinkChangedTwiceError,
  LinkCursorError,
  LinkInvalidError,
  LinkItemError,
  LinkNotFoundError,
} from './errors.ts';
export { createLinkFinder, type LinkFinder, type LinkPageRequest, type PageRequest } from './find-links.ts';
export {
  type CascadingLinkType,
  type JsonValue,
  LINK_TYPES,
  type Link,
  type LinkIdentity,
  type LinkMetadata,
  type LinkType,
  type NewLink,
} from './link.ts';
export { type LinkItem, parseLinkItem, type StoredLink } from './link-item.ts';
export { createLinks, type Links, type LinksOptions, type LinkWrites } from './links.ts';
export { LINKS_TABLE, LINKS_TABLE_NAME } from './table.ts';
