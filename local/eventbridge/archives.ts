import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { type Archive, liveEvents } from './archive.ts';
import type { Buses } from './buses.ts';
import {
  ARCHIVE_NAME,
  optionalInteger,
  optionalString,
  requireName,
  requireString,
  validationError,
} from './members.ts';
import type { Operations } from './operations.ts';
import { pageOf } from './page.ts';
import { compileEventPattern } from './pattern/event-pattern.ts';

export interface Archives {
  readonly operations: Operations;
  find(arn: string): Archive | undefined;
}

export interface ArchivesOptions {
  readonly buses: Buses;
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
}

const LONGEST_RETENTION_DAYS = 36_500;

export function createArchives({ buses, clock, region, accountId }: ArchivesOptions): Archives {
  const archives = new Map<string, Archive>();

  const requireArchive = (input: JsonObject) => {
    const name = requireString(input, 'ArchiveName');
    const archive = archives.get(name);
    if (archive !== undefined) return archive;
    throw new AwsError('ResourceNotFoundException', `Archive ${name} does not exist.`);
  };

  const describe = (archive: Archive) => {
    const events = liveEvents(archive, clock.now());
    return {
      ArchiveArn: archive.arn,
      ArchiveName: archive.name,
      EventSourceArn: archive.busArn,
      Description: archive.description,
      EventPattern: archive.pattern?.text,
      State: 'ENABLED',
      RetentionDays: archive.retentionDays,
      SizeBytes: events.reduce((sum, event) => sum + Buffer.byteLength(event.json), 0),
      EventCount: events.length,
      CreationTime: archive.createdAt / 1000,
    };
  };

  return {
    find: (arn) => archives.get(arn.slice(arn.lastIndexOf('/') + 1)),
    operations: {
      CreateArchive(input) {
        const name = requireName(input, 'ArchiveName', ARCHIVE_NAME);
        const bus = buses.require(requireString(input, 'EventSourceArn'));
        if (archives.has(name)) {
          throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);
        }
        const pattern = optionalString(input, 'EventPattern');
        const archive: Archive = {
          name,
          arn: `arn:aws:events:${region}:${accountId}:archive/${name}`,
          busArn: bus.arn,
          description: optionalString(input, 'Description'),
          pattern: pattern === undefined ? undefined : { text: pattern, matches: compileEventPattern(pattern) },
          retentionDays: optionalInteger(input, 'RetentionDays', 0, LONGEST_RETENTION_DAYS) ?? 0,
          createdAt: clock.now(),
          events: [],
        };
        archives.set(name, archive);
        bus.archives.add(archive);
        return { ArchiveArn: archive.arn, State: 'ENABLED', CreationTime: archive.createdAt / 1000 };
      },
      DescribeArchive: (input) => describe(requireArchive(input)),
      UpdateArchive(input) {
        const changes = ['Description', 'EventPattern', 'RetentionDays'];
        if (changes.every((member) => (input[member] ?? undefined) === undefined)) {
          throw validationError('At least one of EventPattern, RetentionDays or Description must be provided.');
        }
        const archive = requireArchive(input);
        const pattern = optionalString(input, 'EventPattern');
        const changed: Archive = {
          ...archive,
          description: optionalString(input, 'Description') ?? archive.description,
          pattern: pattern === undefined ? archive.pattern : { text: pattern, matches: compileEventPattern(pattern) },
          retentionDays: optionalInteger(input, 'RetentionDays', 0, LONGEST_RETENTION_DAYS) ?? archive.retentionDays,
        };
        archives.set(archive.name, changed);
        const bus = buses.find(archive.busArn);
        bus?.archives.delete(archive);
        bus?.archives.add(changed);
        return { ArchiveArn: changed.arn, State: 'ENABLED', CreationTime: changed.createdAt / 1000 };
      },
      ListArchives(input) {
        const prefix = optionalString(input, 'NamePrefix') ?? '';
        const state = optionalString(input, 'State') ?? 'ENABLED';
        const sourceArn = optionalString(input, 'EventSourceArn');
        const busArn = sourceArn === undefined ? undefined : buses.require(sourceArn).arn;
        const found = [...archives.values()]
          .filter((archive) => archive.name.startsWith(prefix) && state === 'ENABLED')
          .filter((archive) => busArn === undefined || archive.busArn === busArn);
        const { items, ...more } = pageOf(input, found);
        return {
          Archives: items.map((archive) => {
            const { ArchiveArn: _, Description: __, EventPattern: ___, ...listed } = describe(archive);
            return listed;
          }),
          ...more,
        };
      },
      DeleteArchive(input) {
        const archive = requireArchive(input);
        archives.delete(archive.name);
        buses.find(archive.busArn)?.archives.delete(archive);
        return {};
      },
    },
  };
}
