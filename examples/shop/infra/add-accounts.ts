import { CfnOutput, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import {
  EventConsumer,
  grantItems,
  HttpEdge,
  type HttpEdgeProps,
  type ItemAction,
  tableFrom,
  WaybillFunction,
} from 'waybill/cdk';
import { accountsApi } from '../functions/accounts/api/routes.ts';
import {
  AccountChanged,
  AccountDeleted,
  AccountPreferencesChanged,
  AccountRegistered,
  AccountRegistrationRequested,
} from '../functions/accounts/events.ts';
import { issuerApi } from '../functions/accounts/issuer/routes.ts';
import { accountMails } from '../functions/accounts/mails/subscription.ts';
import {
  ACCESS_TOKEN_SECONDS,
  ACCOUNTS_AUDIENCE,
  ACCOUNTS_ISSUER,
  ACCOUNTS_KEY_SECRET,
  ACCOUNTS_TABLE,
  ACCOUNTS_TABLE_NAME,
  OPERATOR_SECRET,
  PASSWORD_MEMORY_KIB,
  PASSWORD_PASSES,
  SIGNING_KEY_DAYS,
  SIGNING_KEYS_SECRET,
} from '../functions/accounts/table.ts';
import { callsTo, MAILER } from './external-systems.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';

/** Whose access tokens an API takes: the props of its HttpEdge. */
export type Identity = Required<Pick<HttpEdgeProps, 'issuer' | 'audience'>>;

const AUDIENCE = 'shop';
const FOLDER = 'examples/shop/functions/accounts';

/** A password takes a core for a quarter of a second; with less memory Lambda gives less of it. */
const HASHING_MEMORY_MIB = 1769;

/** The accounts of the shop and the issuer of its tokens. */
export function addAccounts(scope: Construct, props: ShopProps): Identity {
  const { hub } = props;
  const parts: Parts = {
    table: tableFrom(scope, 'AccountsTable', ACCOUNTS_TABLE, hub.settings),
    signingKeys: addSigningKeys(scope, props),
    accountsKey: addGeneratedSecret(scope, 'AccountsKey', 'Waybill shop: key of keyed hashes of the accounts', props),
    operatorSecret: addGeneratedSecret(scope, 'OperatorSecret', 'Waybill shop: secret of the client operator', props),
  };
  const identity: Identity = { issuer: addIssuer(scope, props, parts), audience: [AUDIENCE] };
  addAccountsApi(scope, props, parts, identity);
  addAccountMails(scope, props, parts);
  addRotateKeys(scope, props, parts);
  new CfnOutput(scope, 'AccountsTableName', { value: parts.table.tableName });
  new CfnOutput(scope, 'OperatorSecretArn', { value: parts.operatorSecret.secretArn });
  return identity;
}

interface Parts {
  readonly table: Table;
  readonly signingKeys: ISecret;
  readonly accountsKey: ISecret;
  readonly operatorSecret: ISecret;
}

/** Everybody may call it, so it has the least that tokens need. */
function addIssuer(
  scope: Construct,
  props: ShopProps,
  { table, signingKeys, accountsKey, operatorSecret }: Parts,
): HttpEdge {
  const { hub, settings } = props;
  const edge = new HttpEdge(scope, 'Issuer', {
    hub,
    api: issuerApi,
    entry: `${FOLDER}/issuer/index.ts`,
    memorySize: HASHING_MEMORY_MIB,
    publishes: [AccountRegistrationRequested, AccountRegistered, AccountPreferencesChanged, AccountChanged],
  });
  const { function: issuer } = edge;
  useAccounts(edge, props, table, accountsKey);
  grantSecret(issuer, signingKeys, SIGNING_KEYS_SECRET, ['GetSecretValue', 'PutSecretValue']);
  grantSecret(issuer, operatorSecret, OPERATOR_SECRET, ['GetSecretValue']);
  setVariables(issuer, {
    [ACCOUNTS_ISSUER]: edge.api.apiEndpoint,
    [ACCOUNTS_AUDIENCE]: AUDIENCE,
    [ACCESS_TOKEN_SECONDS]: String(settings.accessTokenSeconds),
    [SIGNING_KEY_DAYS]: String(settings.signingKeyDays),
  });
  return edge;
}

/** An API of its own: an authorizer needs an issuer that answers already. */
function addAccountsApi(scope: Construct, props: ShopProps, { table, accountsKey }: Parts, identity: Identity): void {
  const edge = new HttpEdge(scope, 'Accounts', {
    hub: props.hub,
    api: accountsApi,
    entry: `${FOLDER}/api/index.ts`,
    memorySize: HASHING_MEMORY_MIB,
    publishes: [AccountRegistered, AccountPreferencesChanged, AccountChanged, AccountDeleted],
    ...identity,
  });
  useAccounts(edge, props, table, accountsKey);
}

function addAccountMails(scope: Construct, { hub, settings }: ShopProps, { table, accountsKey }: Parts): void {
  const consumer = new EventConsumer(scope, 'AccountMails', {
    hub,
    subscription: accountMails,
    entry: `${FOLDER}/mails/index.ts`,
    ...SHOP_FUNCTION,
    ...callsTo(scope, settings, [MAILER]),
  });
  consumer.function.useTable(table, ACCOUNTS_TABLE_NAME, ['GetItem']);
  grantSecret(consumer.function, accountsKey, ACCOUNTS_KEY_SECRET, ['GetSecretValue']);
}

/** For operators, who are known by IAM: no access token rotates the keys of access tokens. */
function addRotateKeys(scope: Construct, { hub, settings }: ShopProps, { signingKeys }: Parts): void {
  const rotate = new WaybillFunction(scope, 'RotateKeys', {
    entry: `${FOLDER}/rotate-keys/index.ts`,
    serviceName: 'rotate-keys',
    settings: hub.settings,
    ...SHOP_FUNCTION,
    description: 'Waybill shop: publishes the next key that signs access tokens, before its time',
  });
  grantSecret(rotate, signingKeys, SIGNING_KEYS_SECRET, ['GetSecretValue', 'PutSecretValue']);
  setVariables(rotate, { [SIGNING_KEY_DAYS]: String(settings.signingKeyDays) });
  new CfnOutput(scope, 'RotateKeysFunctionName', { value: rotate.functionName });
}

const ITEM_ACTIONS: readonly ItemAction[] = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'];

function useAccounts(edge: HttpEdge, { settings }: ShopProps, table: Table, accountsKey: ISecret): void {
  const { function: user } = edge;
  user.useTable(table, ACCOUNTS_TABLE_NAME, ITEM_ACTIONS);
  // attempts to guess a password are counted there
  grantItems(user, edge.requestsTable, ['UpdateItem']);
  grantSecret(user, accountsKey, ACCOUNTS_KEY_SECRET, ['GetSecretValue']);
  setVariables(user, {
    [PASSWORD_MEMORY_KIB]: String(settings.passwordMemoryKiB),
    [PASSWORD_PASSES]: String(settings.passwordPasses),
  });
}

/** Without a value: the issuer makes the first key, so that it stands nowhere else, and no other function can replace it. */
function addSigningKeys(scope: Construct, props: ShopProps): ISecret {
  const secret = new CfnSecret(scope, 'SigningKeys', { description: 'Waybill shop: keys that sign access tokens' });
  secret.applyRemovalPolicy(removalPolicyOf(props));
  acknowledgeRotation(secret, 'The issuer replaces the keys itself: a key is published long before it signs.');
  return Secret.fromSecretCompleteArn(scope, 'SigningKeysSecret', secret.ref);
}

function addGeneratedSecret(scope: Construct, id: string, description: string, props: ShopProps): ISecret {
  const secret = new Secret(scope, id, {
    description,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ previous: '' }),
      generateStringKey: 'current',
      passwordLength: 64,
      excludePunctuation: true,
    },
    removalPolicy: removalPolicyOf(props),
  });
  acknowledgeRotation(secret, 'An operator changes it: put {"current":"<new>","previous":"<old>"}.');
  return secret;
}

const removalPolicyOf = ({ hub }: ShopProps): RemovalPolicy =>
  hub.settings.removalPolicy === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;

const acknowledgeRotation = (secret: Construct, reason: string): void =>
  void Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason });

function setVariables(user: WaybillFunction, variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) user.addEnvironment(name, value);
}

/** The value alone: neither the description nor other versions. */
function grantSecret(
  user: WaybillFunction,
  { secretArn }: ISecret,
  variable: string,
  actions: readonly ('GetSecretValue' | 'PutSecretValue')[],
): void {
  user.addEnvironment(variable, secretArn);
  Grant.addToPrincipal({
    grantee: user,
    actions: actions.map((action) => `secretsmanager:${action}`),
    resourceArns: [secretArn],
  });
}
