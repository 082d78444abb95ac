import { type ApiHandlers, preconditionFailed } from 'waybill/http';
import { ifUnchanged, type UnitOfWork } from 'waybill/outbox';
import { type Account, accountKey, addressBookKey, clientKey, emailKey, type ItemOf } from '../account.ts';
import { type AccountsTable, findItem } from '../accounts-table.ts';
import type { AssertAllowed } from '../attempt-limits.ts';
import { AccountChanged, AccountDeleted, AccountPreferencesChanged } from '../events.ts';
import { secretHashOf } from '../machine-clients.ts';
import type { PasswordHasher } from '../password-hasher.ts';
import type { Realm } from '../realm.ts';
import type { Registrations } from '../registration.ts';
import type { accountsApi } from './routes.ts';

export interface AccountsApiDeps {
  readonly table: AccountsTable;
  readonly realm: Pick<Realm, 'nameOf' | 'read'>;
  readonly hasher: PasswordHasher;
  readonly registrations: Pick<Registrations, 'add'>;
  readonly assertAllowed: AssertAllowed;
  readonly newId: () => string;
  /** A random text that nobody can guess. */
  readonly newSecret: () => string;
}

/** An item of DynamoDB has 400 KB; a list is shown whole. */
const MOST_ADDRESSES = 20;

/** For who loses a race with what was shown. */
const STALE = { refused: preconditionFailed };

type Book = ItemOf<'addresses'>;

export function createAccountsHandlers(deps: AccountsApiDeps): ApiHandlers<typeof accountsApi> {
  const { table, realm, hasher, registrations, assertAllowed, newId, newSecret } = deps;

  const find = (accountId: string) => findItem(table, 'account', accountKey(accountId));

  const own = async (accountId: string, gone: () => Error): Promise<Account> => {
    const account = await find(accountId);
    if (account === undefined) throw gone();
    return account;
  };

  /** Who has only an access token must not take the account over. */
  const confirmPassword = async (account: Account, password: string, wrong: () => Error) => {
    await assertAllowed({ 'password of account': account.accountId });
    if (!(await hasher.matches(password, account.password))) throw wrong();
  };

  const change = (
    tx: UnitOfWork,
    { accountId, version }: Account,
    changed: Partial<Account>,
    refused?: { readonly refused: () => Error },
  ) => {
    const names = Object.keys(changed);
    const { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } = ifUnchanged(
      'version',
      version,
    );
    table.within(tx).update({
      Key: accountKey(accountId),
      UpdateExpression: `SET ${[...names, 'version'].map((name) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression,
      ExpressionAttributeNames: {
        ...ExpressionAttributeNames,
        ...Object.fromEntries([...names, 'version'].map((name) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ...ExpressionAttributeValues,
        ...Object.fromEntries(Object.entries(changed).map(([name, value]) => [`:${name}`, value])),
        ':version': version + 1,
      },
      ...refused,
    });
  };

  const readBook = async (accountId: string): Promise<Book> =>
    (await findItem(table, 'addresses', addressBookKey(accountId))) ?? {
      kind: 'addresses',
      accountId,
      addresses: [],
      version: 0,
    };

  /** On condition that neither the book nor the account has gone on since. */
  const writeBook = (tx: UnitOfWork, book: Book, addresses: Book['addresses']) => {
    const { accountId, version } = book;
    const writes = table.within(tx);
    writes.put({
      Item: { ...addressBookKey(accountId), ...book, addresses, version: version + 1 },
      ...ifUnchanged('version', version === 0 ? undefined : version),
    });
    // no address may stay behind an account that is being deleted
    writes.conditionCheck({ Key: accountKey(accountId), ConditionExpression: 'attribute_exists(id)' });
    tx.publish(AccountChanged, { accountId, what: 'addresses' });
  };

  /** All personal data, in one transaction with the event that tells the others. */
  const erase = (tx: UnitOfWork, { accountId, email }: Account) => {
    const writes = table.within(tx);
    writes.delete({ Key: accountKey(accountId), ConditionExpression: 'attribute_exists(id)' });
    writes.delete({ Key: emailKey(email) });
    writes.delete({ Key: addressBookKey(accountId) });
    tx.publish(AccountDeleted, { accountId });
  };

  const findClient = async (name: string) => {
    const id = realm.read(name)?.id;
    return id === undefined ? undefined : findItem(table, 'client', clientKey(id));
  };

  return {
    async 'GET /account'({ principal }, { problem }) {
      const { accountId, email, name, roles, version } = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      return { status: 200, body: { accountId, email, name, roles }, etag: version };
    },

    async 'PUT /account'({ principal, body: { name }, ifMatch }, { tx, problem }) {
      const account = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      ifMatch.assert(account.version);
      change(tx, account, { name }, STALE);
      tx.publish(AccountChanged, { accountId: account.accountId, what: 'profile' });
      return { status: 204, etag: account.version + 1 };
    },

    async 'POST /account/password'({ principal, body: { current, next } }, { tx, problem }) {
      const account = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      await confirmPassword(account, current, () => problem('PASSWORD_WRONG'));
      const { accountId, sessions } = account;
      table.within(tx).update({
        Key: accountKey(accountId),
        UpdateExpression: 'SET #password = :password, sessions = :next',
        ConditionExpression: 'sessions = :before',
        ExpressionAttributeNames: { '#password': 'password' },
        ExpressionAttributeValues: {
          ':password': await hasher.hash(next),
          ':before': sessions,
          ':next': sessions + 1,
        },
      });
      tx.publish(AccountChanged, { accountId, what: 'password' });
      return { status: 204 };
    },

    async 'POST /account/deletion'({ principal, body: { password } }, { tx, problem }) {
      const account = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      await confirmPassword(account, password, () => problem('PASSWORD_WRONG'));
      erase(tx, account);
      return { status: 204 };
    },

    async 'GET /account/preferences'({ principal }, { problem }) {
      const { language, mails, version } = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      return { status: 200, body: { language, mails }, etag: version };
    },

    async 'PUT /account/preferences'({ principal, body, ifMatch }, { tx, problem }) {
      const account = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      ifMatch.assert(account.version);
      change(tx, account, body, STALE);
      tx.publish(AccountPreferencesChanged, { accountId: account.accountId, ...body });
      return { status: 204, etag: account.version + 1 };
    },

    async 'GET /account/addresses'({ principal }, { problem }) {
      const { accountId } = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      const { addresses, version } = await readBook(accountId);
      return { status: 200, body: { addresses }, etag: version };
    },

    async 'POST /account/addresses'({ principal, body }, { tx, problem }) {
      const { accountId } = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      const book = await readBook(accountId);
      if (book.addresses.length >= MOST_ADDRESSES) {
        throw problem('ADDRESS_BOOK_FULL', `it has ${MOST_ADDRESSES} addresses: remove one first`);
      }
      const addressId = newId();
      writeBook(tx, book, [...book.addresses, { addressId, version: 1, address: body }]);
      const location = `/account/addresses/${addressId}`;
      // a reference only: answers under an idempotency key are kept for a day
      return { status: 201, body: { addressId }, headers: { location }, etag: 1 };
    },

    async 'GET /account/addresses/{addressId}'({ principal, params }, { problem }) {
      const { accountId } = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      const { addresses } = await readBook(accountId);
      const found = addresses.find(({ addressId }) => addressId === params.addressId);
      if (found === undefined) throw problem('ADDRESS_NOT_FOUND');
      return { status: 200, body: found.address, etag: found.version };
    },

    async 'PUT /account/addresses/{addressId}'({ principal, params, body, ifMatch }, { tx, problem }) {
      const { accountId } = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      const book = await readBook(accountId);
      const found = book.addresses.find(({ addressId }) => addressId === params.addressId);
      if (found === undefined) throw problem('ADDRESS_NOT_FOUND');
      ifMatch.assert(found.version);
      const changed = { ...found, version: found.version + 1, address: body };
      writeBook(
        tx,
        book,
        book.addresses.map((each) => (each === found ? changed : each)),
      );
      return { status: 204, etag: changed.version };
    },

    async 'DELETE /account/addresses/{addressId}'({ principal, params, ifMatch }, { tx, problem }) {
      const { accountId } = await own(principal.subject, () => problem('ACCOUNT_GONE'));
      const book = await readBook(accountId);
      const found = book.addresses.find(({ addressId }) => addressId === params.addressId);
      if (found === undefined) throw problem('ADDRESS_NOT_FOUND');
      ifMatch.assert(found.version);
      writeBook(
        tx,
        book,
        book.addresses.filter((each) => each !== found),
      );
      return { status: 204 };
    },

    async 'POST /accounts'({ body }, { tx, problem }) {
      const accountId = await registrations.add(tx, body);
      if (accountId === undefined) throw problem('EMAIL_TAKEN');
      return { status: 201, body: { accountId } };
    },

    async 'PUT /accounts/{accountId}/roles'({ params, body: { roles } }, { tx, problem }) {
      const account = await own(params.accountId, () => problem('ACCOUNT_NOT_FOUND'));
      change(tx, account, { roles });
      tx.publish(AccountChanged, { accountId: account.accountId, what: 'roles' });
      return { status: 204 };
    },

    async 'DELETE /accounts/{accountId}'({ params }, { tx, problem }) {
      erase(tx, await own(params.accountId, () => problem('ACCOUNT_NOT_FOUND')));
      return { status: 204 };
    },

    'POST /clients'({ body: { name, scopes } }, { tx }) {
      const [clientId, secret] = [`c-${newId()}`, newSecret()];
      table.within(tx).put({
        Item: {
          ...clientKey(clientId),
          kind: 'client',
          clientId,
          name,
          scopes,
          secretHash: secretHashOf(secret),
          version: 1,
        },
        ConditionExpression: 'attribute_not_exists(id)',
      });
      return { status: 201, body: { client_id: realm.nameOf(clientId), client_secret: secret } };
    },

    async 'POST /clients/{clientId}/secret'({ params }, { tx, problem }) {
      const client = await findClient(params.clientId);
      if (client === undefined) throw problem('CLIENT_NOT_FOUND');
      const secret = newSecret();
      table.within(tx).put({
        Item: {
          ...clientKey(client.clientId),
          ...client,
          secretHash: secretHashOf(secret),
          version: client.version + 1,
        },
        ...ifUnchanged('version', client.version),
      });
      return { status: 200, body: { client_id: params.clientId, client_secret: secret } };
    },

    async 'DELETE /clients/{clientId}'({ params }, { tx, problem }) {
      const client = await findClient(params.clientId);
      if (client === undefined) throw problem('CLIENT_NOT_FOUND');
      table.within(tx).delete({ Key: clientKey(client.clientId), ConditionExpression: 'attribute_exists(id)' });
      return { status: 204 };
    },
  };
}
