import { createHash } from 'node:crypto';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ContractError, defineEvent } from '../definitions/index.ts';
import { type EntityRef, entityKey, entityProblems, nameProblem } from './entity.ts';
import type { CascadingLinkType, LinkMetadata } from './link.ts';

const SOURCE = '/links';

/** The link that was deleted, as it was. */
export interface LinkCascade {
  readonly source: EntityRef;
  readonly target: EntityRef;
  readonly type: CascadingLinkType;
  readonly metadata: LinkMetadata;
}

/**
 * Defines the event that notifies a module that a link to one of its entities was deleted. Each module has its own event
 * type, so that the bus delivers the event to this module only. All events of one target are one group.
 *
 * @example
 * export const PaymentLinkCascaded = linkCascadedTo('payments'); // 'waybill.link.cascaded.payments'
 *
 * @throws ContractError `CONTRACT_INVALID` if `module` is not the name of a module
 */
export function linkCascadedTo<const Module extends string>(module: Module) {
  const problem = nameProblem('module', module);
  if (problem !== undefined) throw new ContractError('linkCascadedTo', [problem]);
  return defineEvent({
    type: `waybill.link.cascaded.${module}`,
    source: SOURCE,
    version: 1,
    schema: schemaOf<LinkCascade>(cascadeProblems),
    group: ({ target }) => entityGroup(target),
    subject: ({ target }) => entityKey(target),
  });
}

/** A source has more links to delete than one transaction takes; `createLinkDeletion` handles it and deletes the rest. */
export const LinkDeletionContinued = defineEvent({
  type: 'waybill.link.deletion-continued',
  source: SOURCE,
  version: 1,
  schema: schemaOf<{ readonly source: EntityRef }>(({ source }) => entityProblems('source', source)),
  group: ({ source }) => entityGroup(source),
  subject: ({ source }) => entityKey(source),
});

/** A group may have 80 characters beside the longest tenant. */
const LONGEST_KEY_IN_GROUP = 75;

/** A long key is hashed. No two entities share a group, because no hash contains a slash. */
function entityGroup(entity: EntityRef): string {
  const key = entityKey(entity);
  return `link#${key.length <= LONGEST_KEY_IN_GROUP ? key : createHash('sha256').update(key).digest('base64url')}`;
}

type Unchecked = Readonly<Record<string, unknown>>;

function cascadeProblems({ source, target, type, metadata }: Unchecked): readonly string[] {
  const problems = [...entityProblems('source', source), ...entityProblems('target', target)];
  if (type !== 'cascade' && type !== 'aggregate_root') {
    problems.push(`type must be 'cascade' or 'aggregate_root', got '${String(type)}'`);
  }
  if (typeof metadata !== 'object' || metadata === null) problems.push('metadata must be an object');
  return problems;
}

function schemaOf<Data>(problemsOf: (data: Unchecked) => readonly string[]): StandardSchemaV1<Data> {
  return {
    '~standard': {
      version: 1,
      vendor: 'waybill',
      validate(value) {
        const problems =
          typeof value === 'object' && value !== null ? problemsOf(value as Unchecked) : ['must be an object'];
        if (problems.length === 0) return { value: value as Data };
        return { issues: problems.map((message) => ({ message })) };
      },
    },
  };
}
