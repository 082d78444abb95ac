import { type CloudEvent, type EventDataOf, readGroup } from '../../../../lib/definitions/index.ts';
import type { CommittedChange, DynamoDb } from '../../../../local/dynamodb/dynamodb.ts';
import { counted } from '../../../../local/view/counted.ts';
import { ProductChanged, ProductWithdrawn } from '../../functions/catalog/events.ts';
import { PRODUCTS_TABLE } from '../../functions/catalog/table.ts';
import type { Money } from '../../functions/money.ts';
import { type Invariant, invariant } from './invariant.ts';

/** The log's events of products. */
export interface ProductTrail {
  addEvent(event: CloudEvent): void;
  /** By tenant and SKU, what each event says, in the order of the product's group. */
  changes(): ReadonlyMap<string, readonly string[]>;
}

export interface CatalogWatch extends Disposable {
  /** Whether each change of a product has one event, in the order of the changes. */
  check(trail: ProductTrail): Invariant;
}

const WITHDRAWN = 'withdrawn';

type Image = NonNullable<CommittedChange['after']>;

const changeText = (name: string | undefined, price: Money | null): string =>
  `'${name}' at ${price === null ? 'any price' : `${price.minorUnits} ${price.currency}`}`;

const changeOfImage = ({ name, price }: Image): string =>
  changeText(
    name?.S,
    price?.M === undefined
      ? null
      : { currency: price.M['currency']?.S ?? '', minorUnits: Number(price.M['minorUnits']?.N) },
  );

export function createProductTrail(): ProductTrail {
  const events = new Map<string, { readonly sequence: number; readonly change: string }[]>();
  return {
    addEvent({ type, data, partitionkey, sequence }) {
      if (type !== ProductChanged.type && type !== ProductWithdrawn.type) return;
      const { sku, name, price } = data as EventDataOf<typeof ProductChanged>;
      const key = keyOf(readGroup(partitionkey)?.tenantId, sku);
      const change = type === ProductWithdrawn.type ? WITHDRAWN : changeText(name, price);
      events.set(key, [...(events.get(key) ?? []), { sequence: Number(sequence), change }]);
    },
    changes: () =>
      new Map(
        [...events].map(([key, own]) => [
          key,
          own.toSorted((one, other) => one.sequence - other.sequence).map(({ change }) => change),
        ]),
      ),
  };
}

/** Watches the products from now on until it is disposed of. */
export function watchCatalog(
  dynamoDb: Pick<DynamoDb, 'onCommit'>,
  productsTableName: string,
  { hasTenants }: { readonly hasTenants: boolean },
): CatalogWatch {
  const commits = new Map<string, string[]>();
  const stopListening = dynamoDb.onCommit((changes) => {
    for (const { tableName, before, after } of changes) {
      const image = after ?? before;
      if (tableName !== productsTableName || image === undefined) continue;
      const [tenantId] = hasTenants ? (image[PRODUCTS_TABLE.partitionKey.name]?.S ?? '').split('#') : [undefined];
      const key = keyOf(tenantId, image[PRODUCTS_TABLE.sortKey.name]?.S ?? '');
      commits.set(key, [...(commits.get(key) ?? []), after === undefined ? WITHDRAWN : changeOfImage(after)]);
    }
  });
  return {
    check(trail) {
      const told = trail.changes();
      const wrong: string[] = [];
      let total = 0;
      for (const key of new Set([...commits.keys(), ...told.keys()])) {
        const [made, events] = [commits.get(key) ?? [], told.get(key) ?? []];
        total += made.length;
        const differing = made.findIndex((change, index) => change !== events[index]);
        if (made.length !== events.length) {
          wrong.push(`${key} was changed ${counted(made.length, 'time')}, and has ${counted(events.length, 'event')}`);
        } else if (differing >= 0) {
          wrong.push(
            `change ${differing + 1} of ${key} is ${made[differing]}, and its event says ${events[differing]}`,
          );
        }
      }
      return invariant('catalog: one event per change, in their order', [counted(total, 'change')], wrong);
    },
    [Symbol.dispose]: stopListening,
  };
}

const keyOf = (tenantId: string | undefined, sku: string): string =>
  tenantId === undefined ? sku : `${sku} of ${tenantId}`;
