import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { addCommand } from './add-command.ts';
import { addFollower } from './add-follower.ts';
import { addLinks } from './add-links.ts';
import { addOrderFulfilment } from './add-order-fulfilment.ts';
import { addReadModels } from './add-read-models.ts';
import { addService } from './add-service.ts';
import { COMMANDS } from './commands.ts';
import { FOLLOWERS, type Follower } from './followers.ts';
import { SERVICES } from './services.ts';
import type { ShopProps } from './shop-props.ts';
import { addTables } from './tables.ts';

export interface ShopStackProps extends ShopProps {
  /** The consumers that follow what happens. @default FOLLOWERS */
  readonly followers?: readonly Follower[];
}

/** The reference shop: services that talk through events only, each with tables of its own. */
export class ShopStack extends Stack {
  constructor(scope: Construct, id: string, props: ShopStackProps) {
    const { hub, followers = FOLLOWERS } = props;
    const { deletionProtection } = hub.settings;
    super(scope, id, { description: 'Waybill: the reference shop', terminationProtection: deletionProtection });
    const tables = addTables(this, props);
    for (const service of SERVICES) addService(this, props, tables, service);
    for (const follower of followers) addFollower(this, props, tables, follower);
    for (const command of COMMANDS) addCommand(this, props, tables, command);
    addLinks(this, props);
    addOrderFulfilment(this, props);
    addReadModels(this, props);
  }
}
