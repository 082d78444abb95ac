import type { TenantIds } from '../orders/shop-command.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Accounts } from './accounts.ts';
import type { ApiClient } from './api-client.ts';

/** A registered customer who orders with a token of their own. */
export interface Person {
  readonly name: string;
  readonly tenantId: string | undefined;
  readonly customerId: string;
  readonly tokens: AccessTokens;
  readonly client: ApiClient;
  /** Orders that they have placed. */
  readonly orderIds: string[];
}

export interface People {
  /** Who places the n-th order of the run, from 0; undefined is the partner's machine. */
  placing(order: number, tenantId: string | undefined): Promise<Person | undefined>;
  /** Those who have logged in. */
  all(): readonly Person[];
}

export interface PeopleOptions {
  readonly accounts: Pick<Accounts, 'logIn'>;
  readonly clientOf: (tokens: AccessTokens) => ApiClient;
  /** Of the run, of all tenants together. */
  readonly orders: number;
  readonly tenantIds: TenantIds;
}

/** One order in so many is placed by a registered customer. */
const ONE_IN = 10;

/** A login costs a quarter of a second of computing: one person for so many orders, and at most this many. */
const ORDERS_PER_PERSON = 50;
const MOST_PEOPLE = 10;

/** So often somebody orders before their token is renewed, whatever is left of its life. */
const ORDERS_PER_TOKEN = 2;

/** Registers people as they are needed: nobody waits for all of them at the start. */
export function createPeople({ accounts, clientOf, orders, tenantIds }: PeopleOptions): People {
  const people = Math.min(MOST_PEOPLE, Math.ceil(orders / ORDERS_PER_PERSON));
  const perTenant = Math.ceil(people / tenantIds.length);
  const known = new Map<string, Promise<Person>>();
  const all: Person[] = [];

  const register = async (name: string, tenantId: string | undefined): Promise<Person> => {
    const { customerId, tokens } = await accounts.logIn(name, tenantId);
    const person = { name, tenantId, customerId, tokens, client: clientOf(tokens), orderIds: [] };
    all.push(person);
    return person;
  };

  return {
    all: () => all,
    async placing(order, tenantId) {
      if (order % ONE_IN !== ONE_IN / 2) return undefined;
      const name = `person-${(Math.floor(order / ONE_IN) % perTenant) + 1}`;
      const key = `${tenantId ?? ''}/${name}`;
      const registering = known.get(key) ?? register(name, tenantId);
      known.set(key, registering);
      const person = await registering;
      const { length } = person.orderIds;
      if (length > 0 && length % ORDERS_PER_TOKEN === 0) await person.tokens.renew();
      return person;
    },
  };
}
