import { defineProjection } from '../../../lib/projection/index.ts';
import { ACCOUNTS_VIEW, accounts, Closed, Moved, Opened } from './accounts.ts';

/** The projection, with code that fails at movements of 13 until it is mended. */
export function createSuperstitious() {
  let isMended = false;
  const projection = defineProjection({
    name: 'accounts',
    events: [Opened, Moved, Closed],
    view: ACCOUNTS_VIEW,
    parse: accounts.parse,
    keys: ({ data }) => [{ accountId: data.accountId }],
    on: {
      'com.example.account.opened': (_, { data }) => ({ ...data, state: 0 }),
      'com.example.account.moved': (item, { data }) => {
        if (data.amount === 13 && !isMended) throw new Error('13 is no amount');
        return item && { ...item, state: item.state + data.amount };
      },
      'com.example.account.closed': () => undefined,
    },
  });
  const setMended = (mended: boolean) => {
    isMended = mended;
  };
  return { projection, mend: () => setMended(true), spoil: () => setMended(false) };
}
