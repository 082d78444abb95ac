import type { EngineClock } from '../../clock.ts';
import { mappingNotFound, resourceConflict } from '../errors.ts';
import { checkMapping } from './check-mapping.ts';
import { type EventSource, type EventSourceMappingConfiguration, parseEventSource } from './configuration.ts';
import type { MappingRunner } from './mapping-runner.ts';
import { createRunnerOpener, type RunnerOpenerDeps } from './runner-opener.ts';

export interface Mapping {
  readonly uuid: string;
  readonly configuration: EventSourceMappingConfiguration;
  readonly source: EventSource;
  readonly runner: MappingRunner;
  isEnabled(): boolean;
  /** Milliseconds since the epoch of the last change. */
  modifiedAt(): number;
  setEnabled(enabled: boolean): void;
}

export interface MappingRegistry {
  create(configuration: EventSourceMappingConfiguration): Promise<Mapping>;
  /**
   * Goes on with other settings where it was, once what is at the function has come to its end.
   * @throws AwsError ResourceNotFoundException, InvalidParameterValueException, ResourceConflictException
   */
  update(uuid: string, configuration: EventSourceMappingConfiguration): Promise<Mapping>;
  /** Settles when what was at the function has come to its end. @throws AwsError ResourceNotFoundException */
  remove(uuid: string): Promise<void>;
  /** @throws AwsError ResourceNotFoundException */
  get(uuid: string): Mapping;
  list(): readonly Mapping[];
  /** Settles when what was at the functions has come to its end. */
  stopAll(): Promise<void>;
}

export function createMappingRegistry(deps: RunnerOpenerDeps): MappingRegistry {
  const { clock, newId, targetOf } = deps;
  const openRunner = createRunnerOpener(deps);
  const mappings = new Map<string, OpenMapping>();
  const leaving = new Set<MappingRunner>();

  const assertFree = ({ functionName, qualifier, eventSourceArn }: EventSourceMappingConfiguration, own?: string) => {
    for (const { uuid, configuration: other } of mappings.values()) {
      if (uuid === own || other.functionName !== functionName || other.qualifier !== qualifier) continue;
      if (other.eventSourceArn !== eventSourceArn) continue;
      const isQueue = parseEventSource(eventSourceArn)?.kind === 'queue';
      const [first, last] = isQueue
        ? ['An event source mapping with SQS arn', 'already exists']
        : ['The event source arn', 'provided mapping already exists'];
      throw resourceConflict(
        `${first} (" ${eventSourceArn} ") and function (" ${functionName} ") ${last}. Please update or delete the existing mapping with UUID ${uuid}`,
      );
    }
  };

  const find = (uuid: string): OpenMapping => {
    const mapping = mappings.get(uuid);
    if (mapping === undefined) throw mappingNotFound();
    return mapping;
  };

  return {
    async create(configuration) {
      const source = checkMapping(configuration);
      assertFree(configuration);
      const uuid = newId();
      const mapping = openMapping(uuid, configuration, source, await openRunner(uuid, configuration, source), clock);
      mappings.set(uuid, mapping);
      return mapping;
    },
    async update(uuid, configuration) {
      const mapping = find(uuid);
      const source = checkMapping(configuration);
      assertFree(configuration, uuid);
      targetOf(configuration);
      const { runner } = mapping;
      const wasEnabled = mapping.isEnabled();
      await runner.stop();
      try {
        mapping.take(configuration, await openRunner(uuid, configuration, source, runner.places?.()));
      } catch (error) {
        if (wasEnabled) runner.start();
        throw error;
      }
      return mapping;
    },
    async remove(uuid) {
      const { runner } = find(uuid);
      mappings.delete(uuid);
      leaving.add(runner);
      try {
        await runner.stop();
      } finally {
        leaving.delete(runner);
      }
    },
    get: find,
    list: () => [...mappings.values()],
    async stopAll() {
      await Promise.all(
        [...[...mappings.values()].map(({ runner }) => runner), ...leaving].map((runner) => runner.stop()),
      );
    },
  };
}

interface OpenMapping extends Mapping {
  take(configuration: EventSourceMappingConfiguration, runner: MappingRunner): void;
}

function openMapping(
  uuid: string,
  configuration: EventSourceMappingConfiguration,
  source: EventSource,
  runner: MappingRunner,
  clock: EngineClock,
): OpenMapping {
  let current = { configuration, runner };
  let enabled = false;
  let modifiedAt = clock.now();
  const begin = () => {
    enabled = current.configuration.enabled ?? true;
    modifiedAt = clock.now();
    if (enabled) current.runner.start();
  };
  begin();
  return {
    uuid,
    source,
    get configuration() {
      return current.configuration;
    },
    get runner() {
      return current.runner;
    },
    isEnabled: () => enabled,
    modifiedAt: () => modifiedAt,
    setEnabled(next) {
      if (next === enabled) return;
      enabled = next;
      modifiedAt = clock.now();
      if (next) current.runner.start();
      else void current.runner.stop();
    },
    take(next, nextRunner) {
      current = { configuration: next, runner: nextRunner };
      begin();
    },
  };
}
