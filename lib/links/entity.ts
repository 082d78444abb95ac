import { shown } from '../definitions/index.ts';

/** Names something that a module owns. */
export interface EntityRef {
  /** 1 to 40 lower-case letters, digits and hyphens, starting with a letter: `payments`. */
  readonly module: string;
  /** As `module`: `payment`. */
  readonly type: string;
  /** 1 to 256 visible ASCII characters without spaces: `payment-1042`. */
  readonly id: string;
}

const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const ID = /^[!-~]{1,256}$/;

/** `module/type/id`. No two entities share a key, because the first two contain no slash. */
export const entityKey = ({ module, type, id }: EntityRef): string => `${module}/${type}/${id}`;

export const isSameEntity = (a: EntityRef, b: EntityRef): boolean => entityKey(a) === entityKey(b);

/** The entity of a key; undefined if the text is not a key. */
export function parseEntityKey(key: string): EntityRef | undefined {
  const [, module, type, id] = /^([^/]+)\/([^/]+)\/(.+)$/.exec(key) ?? [];
  if (module === undefined || type === undefined || id === undefined) return undefined;
  return { module, type, id };
}

/** @param path names the entity in the problems: `source` */
export function entityProblems(path: string, entity: unknown): readonly string[] {
  if (typeof entity !== 'object' || entity === null) {
    return [`${path} must be { module, type, id }, got ${shown(entity)}`];
  }
  const { module, type, id } = entity as Partial<Record<keyof EntityRef, unknown>>;
  return [nameProblem(`${path}.module`, module), nameProblem(`${path}.type`, type), idProblem(`${path}.id`, id)].filter(
    (problem) => problem !== undefined,
  );
}

export const nameProblem = (path: string, name: unknown): string | undefined =>
  typeof name === 'string' && NAME.test(name)
    ? undefined
    : `${path} must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got ${shown(name)}`;

const idProblem = (path: string, id: unknown): string | undefined =>
  typeof id === 'string' && ID.test(id)
    ? undefined
    : `${path} must be 1 to 256 visible ASCII characters without spaces, got ${shown(id)}`;
