import { aliasNotFound, functionNotFound, invalidParameter, resourceConflict } from './errors.ts';

/** Which code runs: `$LATEST`, or the number of a published version. */
export type Version = string;

export const LATEST: Version = '$LATEST';

export interface Alias {
  readonly name: string;
  readonly version: Version;
  /** Shares of the invocations that go to other versions, from 0 to 1. */
  readonly weights: Readonly<Record<Version, number>>;
}

/** The versions and aliases of one function. All versions of a run have the same code and settings. */
export interface Qualifiers {
  /** Gives the number of the new version. */
  publish(): Version;
  versions(): readonly Version[];
  aliases(): readonly Alias[];
  /** @throws AwsError ResourceConflictException, ResourceNotFoundException, InvalidParameterValueException */
  addAlias(alias: Alias): void;
  /** @throws AwsError ResourceNotFoundException, InvalidParameterValueException */
  updateAlias(alias: Alias): void;
  removeAlias(name: string): void;
  /** Its number is not given again. @throws AwsError ResourceConflictException while an alias leads to it */
  removeVersion(version: Version): void;
  has(qualifier: string): boolean;
  /** The version that an invocation by this qualifier runs. @throws AwsError ResourceNotFoundException */
  versionOf(qualifier: string | undefined): Version;
}

/** @param random from 0 up to, not including, 1: the version that an alias with weights takes. */
export function createQualifiers(functionArn: string, random: () => number): Qualifiers {
  const versions: Version[] = [LATEST];
  let published = 0;
  const aliases = new Map<string, Alias>();

  const requireVersion = (version: Version) => {
    if (!versions.includes(version)) throw functionNotFound(`${functionArn}:${version}`);
  };

  const checkVersions = ({ name, version, weights }: Alias) => {
    for (const each of [version, ...Object.keys(weights)]) requireVersion(each);
    const shares = Object.values(weights);
    const total = shares.reduce((sum, weight) => sum + weight, 0);
    if (shares.some((weight) => !(weight >= 0 && weight <= 1)) || total > 1) {
      throw invalidParameter(`the weights of alias '${name}' are ${shares.join(', ')}, allowed are 0 to 1 in all`);
    }
  };

  return {
    publish() {
      published++;
      const version = String(published);
      versions.push(version);
      return version;
    },
    versions: () => versions,
    aliases: () => [...aliases.values()],
    addAlias(alias) {
      const { name } = alias;
      if (!/^(?!\d+$)[A-Za-z0-9_-]{1,128}$/.test(name)) {
        throw invalidParameter(
          `alias '${name}' has no name of 1 to 128 letters, digits, hyphens and underscores that is no number`,
        );
      }
      if (aliases.has(name)) throw resourceConflict(`Alias already exists: ${functionArn}:${name}`);
      checkVersions(alias);
      aliases.set(name, alias);
    },
    updateAlias(alias) {
      if (!aliases.has(alias.name)) throw aliasNotFound(`${functionArn}:${alias.name}`);
      checkVersions(alias);
      aliases.set(alias.name, alias);
    },
    removeAlias: (name) => void aliases.delete(name),
    removeVersion(version) {
      const user = [...aliases.values()].find((alias) =>
        [alias.version, ...Object.keys(alias.weights)].includes(version),
      );
      if (user !== undefined) {
        throw resourceConflict(`Version ${version} can't be deleted since alias '${user.name}' leads to it`);
      }
      const at = versions.indexOf(version);
      if (at > 0) versions.splice(at, 1);
    },
    has: (qualifier) => aliases.has(qualifier) || versions.includes(qualifier),
    versionOf(qualifier = LATEST) {
      const alias = aliases.get(qualifier);
      if (alias === undefined) {
        requireVersion(qualifier);
        return qualifier;
      }
      let drawn = random();
      for (const [version, weight] of Object.entries(alias.weights)) {
        if (drawn < weight) return version;
        drawn -= weight;
      }
      return alias.version;
    },
  };
}
