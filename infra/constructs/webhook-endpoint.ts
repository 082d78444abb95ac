import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { ViaServicePrincipal } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ENV, type EventDefinition } from '../../lib/definitions/index.ts';
import { WEBHOOK_DELIVERIES_TABLE, WEBHOOK_DELIVERIES_TABLE_NAME, WEBHOOK_SECRET } from '../../lib/webhook/table.ts';
import { assertGiven, assertProps } from './assert-props.ts';
import type { IEventHub } from './event-hub-base.ts';
import { addOutputs } from './outputs.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { tableFrom } from './table-from.ts';
import { type FunctionSizing, functionProblems, timeoutOf, WaybillFunction } from './waybill-function.ts';
import { addWebhookAlarms } from './webhook-alarms.ts';
import { addWebhookRoute, createWebhookApi, routeProblems, type WebhookThrottle } from './webhook-route.ts';

/** What of a webhook the infrastructure is made from; `defineWebhook` gives it. */
export interface ReceivedWebhook {
  readonly name: string;
  readonly path: string;
  readonly hasTenants: boolean;
  readonly publishes: readonly EventDefinition[];
}

export interface WebhookEndpointProps extends FunctionSizing {
  readonly hub: IEventHub;
  /** What it receives; its code reads the same one. */
  readonly webhook: ReceivedWebhook;
  /** The composition root, from the folder of cdk.json: `functions/carrier/index.ts`. It exports `handler`. */
  readonly entry: string;
  /**
   * The API that gets the route: that of another endpoint or of an `HttpEdge`, or any other one. The throttle is set at each of its
   * stages that exist already; later ones, and stages with route settings of their own, throttle and log by themselves.
   * @default - an API of its own
   */
  readonly api?: HttpApi;
  /**
   * The secret of a webhook without tenants, JSON such as `{"current":"…","previous":"…"}`.
   * @default - a secret with a generated value: give that to the sender, or put the sender's in its place
   */
  readonly secret?: ISecret;
  /**
   * The part of the secrets' names before the tenant's id: 1 to 400 letters, digits and `/_+=.@-`. The secrets are created when
   * a tenant comes, not by the stack.
   * @default - `waybill/<environment>/webhooks/<name>/`
   */
  readonly secretNamePrefix?: string;
  /**
   * Of the route: 1 to 10000 requests per second in the long run, and at once.
   * @default - 50 requests per second, 100 at once
   */
  readonly throttle?: WebhookThrottle;
}

/** Slack waits 3 seconds, Shopify 5, GitHub 10; a commit that other transactions delay needs some of them. */
const DEFAULT_TIMEOUT = Duration.seconds(10);

const DEFAULT_THROTTLE: WebhookThrottle = { rateLimit: 50, burstLimit: 100 };

const GENERATED_LENGTH = 64;

/**
 * A route of an HTTP API that receives a webhook, its function, its secrets, the table of deliveries and its alarms.
 *
 * @example
 * new WebhookEndpoint(this, 'Carrier', {
 *   hub,
 *   webhook: carrier,
 *   entry: 'functions/carrier/index.ts',
 * });
 *
 * @throws WiringError `WIRING_INVALID` with every problem of the props
 */
export class WebhookEndpoint extends Construct {
  readonly api: HttpApi;
  readonly function: WaybillFunction;
  /** What was received in the last 7 days. */
  readonly deliveriesTable: Table;
  /** Undefined for a webhook with tenants: each has a secret named `<secretNamePrefix><tenant>`. */
  readonly secret: ISecret | undefined;

  constructor(scope: Construct, id: string, props: WebhookEndpointProps) {
    super(scope, id);
    assertGiven(this, props, 'hub', 'webhook', 'entry');
    const { hub, webhook, entry, api, secret, secretNamePrefix, throttle, ...sizing } = props;
    const timeout = props.timeout ?? DEFAULT_TIMEOUT;
    const isLong = !timeout.isUnresolved() && timeoutOf({ timeout }).toSeconds() > 29;
    assertProps(this, [
      ...functionProblems(props),
      ...tenancyProblems(props),
      ...routeProblems(api, throttle),
      isLong
        ? `timeout must be at most 29 seconds, because API Gateway waits 30, got ${timeout.toSeconds()}`
        : undefined,
    ]);

    this.deliveriesTable = tableFrom(this, 'Deliveries', WEBHOOK_DELIVERIES_TABLE, hub.settings);
    this.function = new WaybillFunction(this, 'Function', {
      ...sizing,
      timeout,
      entry,
      serviceName: webhook.name,
      settings: hub.settings,
      description: `Waybill: receives the webhook '${webhook.name}'`,
    });
    this.function.addEnvironment(ENV.environmentName, hub.environmentName);
    this.function.useTable(this.deliveriesTable, WEBHOOK_DELIVERIES_TABLE_NAME, ['PutItem']);
    hub.grantPublish(this.function, webhook.publishes);
    this.secret = webhook.hasTenants ? undefined : (secret ?? this.createSecret(hub, webhook));
    if (this.secret === undefined) this.grantSecrets(secretNamePrefix ?? defaultPrefix(hub, webhook));
    else this.grantSecret(this.secret);

    this.api = api ?? createWebhookApi(this, hub.settings);
    addWebhookRoute(this, {
      api: this.api,
      path: webhook.path,
      handler: this.function,
      throttle: throttle ?? DEFAULT_THROTTLE,
    });
    addWebhookAlarms(this, { settings: hub.settings, name: webhook.name });
    addOutputs(this, `${webhook.name}-webhook`, {
      Url: {
        value: `${this.api.apiEndpoint}${webhook.path}`,
        description: `Where the webhook '${webhook.name}' is sent`,
      },
      ...(this.secret === undefined
        ? {}
        : { SecretArn: { value: this.secret.secretArn, description: `The secret of the webhook '${webhook.name}'` } }),
    });
  }

  private createSecret({ settings }: IEventHub, { name }: ReceivedWebhook): Secret {
    const secret = new Secret(this, 'Secret', {
      description: `Waybill: signs the webhook '${name}'`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ previous: '' }),
        generateStringKey: 'current',
        passwordLength: GENERATED_LENGTH,
        excludePunctuation: true,
      },
      removalPolicy: removalPolicyOf(settings),
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'The sender has the same secret: it is changed together with the sender, not by a schedule.',
    });
    return secret;
  }

  private grantSecret(secret: ISecret): void {
    this.function.addEnvironment(WEBHOOK_SECRET, secret.secretArn);
    // `grantRead` also allows to describe the secret, which nothing does
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ['secretsmanager:GetSecretValue'],
      // the six characters that Secrets Manager adds to a name
      resourceArns: [secret.secretFullArn ?? `${secret.secretArn}-??????`],
    });
    const service = `secretsmanager.${Stack.of(this).region}.amazonaws.com`;
    secret.encryptionKey?.grantDecrypt(new ViaServicePrincipal(service, this.function.grantPrincipal));
  }

  private grantSecrets(prefix: string): void {
    const resource = `secret:${prefix}*`;
    this.function.addEnvironment(WEBHOOK_SECRET, prefix);
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [Stack.of(this).formatArn({ service: 'secretsmanager', resource })],
    });
    Validations.of(this.function.executionRole).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:${regionOf(this)}:${accountOf(this)}:${resource}]`,
      reason: 'Each tenant has a secret of its own, whose name begins with this text.',
    });
  }
}

const defaultPrefix = ({ environmentName }: IEventHub, { name }: ReceivedWebhook): string =>
  `waybill/${environmentName}/webhooks/${name}/`;

/** As cdk-nag writes the place of a stack. */
const regionOf = (scope: Construct): string => shownPlace(Stack.of(scope), Stack.of(scope).region);
const accountOf = (scope: Construct): string => shownPlace(Stack.of(scope), Stack.of(scope).account);

function shownPlace(stack: Stack, place: string): string {
  const resolved: unknown = stack.resolve(place);
  return typeof resolved === 'string' ? resolved : `<${(resolved as { readonly Ref: string }).Ref}>`;
}

const SECRET_PREFIX = /^[A-Za-z0-9/_+=.@-]{1,400}$/;

function tenancyProblems(props: WebhookEndpointProps): readonly (string | undefined)[] {
  const { hub, webhook, secret, secretNamePrefix } = props;
  const { tenancy } = hub.settings;
  return [
    webhook.hasTenants && tenancy === 'none'
      ? `webhook.path '${webhook.path}' has {tenant}, and the environment has tenancy 'none': leave {tenant} out, or set tenancy to 'required'`
      : undefined,
    !webhook.hasTenants && tenancy === 'required'
      ? `webhook.path '${webhook.path}' must have {tenant}, because the environment has tenancy 'required': every event belongs to a tenant`
      : undefined,
    webhook.hasTenants && secret !== undefined
      ? `secret must be left out for a webhook with tenants, got '${secret.node.path}': give secretNamePrefix, before each tenant's id`
      : undefined,
    !webhook.hasTenants && secretNamePrefix !== undefined
      ? `secretNamePrefix must be left out for a webhook without tenants, got '${secretNamePrefix}': give secret`
      : undefined,
    secretNamePrefix !== undefined && !SECRET_PREFIX.test(secretNamePrefix)
      ? `secretNamePrefix must be 1 to 400 letters, digits and '/_+=.@-', got '${secretNamePrefix}'`
      : undefined,
  ];
}
