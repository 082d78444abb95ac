import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AccountDeleted, AccountPreferencesChanged, AccountRegistered } from '../functions/accounts/events.ts';
import { ProductWithdrawn } from '../functions/catalog/events.ts';
import type { Identity } from './add-accounts.ts';
import { addApi } from './add-api.ts';
import { addCarrierTracking } from './add-carrier-tracking.ts';
import { addCommand } from './add-command.ts';
import { addConsumer } from './add-consumer.ts';
import { addLinks } from './add-links.ts';
import { addOrderFulfilment } from './add-order-fulfilment.ts';
import { addReadModels } from './add-read-models.ts';
import { addService } from './add-service.ts';
import { addSyncs } from './add-syncs.ts';
import { COMMANDS } from './commands.ts';
import { CONSUMERS, type ShopConsumer } from './consumers.ts';
import { SERVICES } from './services.ts';
import type { ShopProps } from './shop-props.ts';
import { addTables } from './tables.ts';

/** What services of the shop take from accounts. */
const ACCOUNT_EVENTS = [AccountRegistered, AccountPreferencesChanged, AccountDeleted];

export interface ShopStackProps extends ShopProps {
  readonly identity: Identity;
  /** The consumers that follow what happens. @default CONSUMERS */
  readonly consumers?: readonly ShopConsumer[];
}

/** The reference shop: services that talk through events only, each with tables of its own. */
export class ShopStack extends Stack {
  constructor(scope: Construct, id: string, props: ShopStackProps) {
    const { hub, identity, consumers = CONSUMERS } = props;
    const { deletionProtection } = hub.settings;
    super(scope, id, { description: 'Waybill: the reference shop', terminationProtection: deletionProtection });
    // accounts elsewhere may tell by the same events who has registered and what they want
    if (props.settings.accounts !== 'own') hub.registerProducer(this, ACCOUNT_EVENTS);
    const tables = addTables(this, props);
    for (const service of SERVICES) addService(this, props, tables, service);
    for (const consumer of consumers) addConsumer(this, props, tables, consumer);
    for (const command of COMMANDS) addCommand(this, props, tables, command);
    addCarrierTracking(this, props);
    // without syncs nothing withdraws products, and the catalog is ready for it
    if (props.settings.sync === 'on') addSyncs(this, props, tables);
    else hub.registerProducer(this, [ProductWithdrawn]);
    addLinks(this, props);
    addOrderFulfilment(this, props);
    const readModels = addReadModels(this, props);
    addApi(this, props, { tables, readModels, identity });
  }
}
