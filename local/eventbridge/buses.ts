import type { EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import type { Archive } from './archive.ts';
import { BUS_NAME, optionalObject, optionalString, requireName, requireString, validationError } from './members.ts';
import type { Operations } from './operations.ts';
import { pageOf } from './page.ts';
import type { Rule } from './rule.ts';
import type { Tags } from './tags.ts';

export interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: EpochMs;
  /** Settings that change nothing in this run, given back as they came. */
  readonly settings: JsonObject;
  /** By name. */
  readonly rules: Map<string, Rule>;
  readonly archives: Set<Archive>;
}

export interface Buses {
  readonly operations: Operations;
  /** @param nameOrArn the default bus when left out. */
  find(nameOrArn: string | undefined): Bus | undefined;
  /** @throws AwsError `ResourceNotFoundException` */
  require(nameOrArn: string | undefined): Bus;
  all(): Iterable<Bus>;
}

interface BusesOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly tags: Tags;
}

const DEFAULT_BUS = 'default';
/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MOST_BUSES = 100;

export function createBuses({ clock, region, accountId, tags }: BusesOptions): Buses {
  const buses = new Map<string, Bus>();
  const arnPrefix = `arn:aws:events:${region}:${accountId}:event-bus/`;

  const add = (name: string, settings: JsonObject): Bus => {
    const arn = `${arnPrefix}${name}`;
    const bus: Bus = { name, arn, createdAt: clock.now(), settings, rules: new Map(), archives: new Set() };
    buses.set(name, bus);
    return bus;
  };
  add(DEFAULT_BUS, {});

  const find = (nameOrArn: string | undefined = DEFAULT_BUS) =>
    buses.get(nameOrArn.startsWith(arnPrefix) ? nameOrArn.slice(arnPrefix.length) : nameOrArn);

  const requireBus = (nameOrArn: string | undefined) => {
    const bus = find(nameOrArn);
    if (bus !== undefined) return bus;
    // by its name, also when it was asked for by its ARN
    const name = nameOrArn?.replace(/^arn:[^/]*\//, '');
    throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  };

  return {
    find,
    require: requireBus,
    all: () => buses.values(),
    operations: {
      CreateEventBus(input) {
        const name = requireName(input, 'Name', BUS_NAME);
        if (name.includes('/')) throw validationError(`Event bus name must not contain '/'.`);
        if (buses.has(name)) {
          throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
        }
        if (buses.size >= MOST_BUSES) {
          throw new AwsError('LimitExceededException', `The account has ${MOST_BUSES} event buses, the most allowed.`);
        }
        const settings = readSettings(input);
        const bus = add(name, settings);
        tags.put(bus.arn, input);
        return { EventBusArn: bus.arn, ...settings };
      },
      DescribeEventBus: (input) => describe(requireBus(optionalString(input, 'Name'))),
      ListEventBuses(input) {
        const prefix = optionalString(input, 'NamePrefix') ?? '';
        const { items, ...more } = pageOf(
          input,
          [...buses.values()].filter((bus) => bus.name.startsWith(prefix)),
        );
        return { EventBuses: items.map(describe), ...more };
      },
      DeleteEventBus(input) {
        const name = requireString(input, 'Name');
        if (name === DEFAULT_BUS) throw validationError(`Cannot delete event bus ${DEFAULT_BUS}.`);
        const bus = find(name);
        if (bus !== undefined && bus.rules.size > 0) {
          throw validationError(`Event bus ${name} cannot be deleted while it has rules; it has ${bus.rules.size}.`);
        }
        if (bus !== undefined) {
          buses.delete(bus.name);
          tags.drop(bus.arn);
        }
        return {};
      },
    },
  };
}

const describe = (bus: Bus) => ({
  Name: bus.name,
  Arn: bus.arn,
  CreationTime: bus.createdAt / 1000,
  LastModifiedTime: bus.createdAt / 1000,
  ...bus.settings,
});

function readSettings(input: JsonObject): JsonObject {
  const settings = {
    Description: optionalString(input, 'Description'),
    KmsKeyIdentifier: optionalString(input, 'KmsKeyIdentifier'),
    DeadLetterConfig: optionalObject(input, 'DeadLetterConfig'),
    LogConfig: optionalObject(input, 'LogConfig'),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
