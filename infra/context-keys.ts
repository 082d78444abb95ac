import { nearestOf } from '../lib/shared/nearest.ts';

/** Keys of CDK context that an app reads. */
export interface ContextKeys {
  /** Each with other words that it is called by. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  /** Of the keys that override settings, such as `setting:`. */
  readonly prefix: string;
  /** What follows the prefix. */
  readonly settingNames: readonly string[];
}

/**
 * Finds keys that are most likely misspelled, and would have no effect. A key that resembles none of `keys`, or one that is
 * given as well, is another tool's or the team's own.
 * @returns one sentence for each
 */
export function misspelledKeys(context: Readonly<Record<string, unknown>>, ours: ContextKeys): readonly string[] {
  const { keys = {}, prefix, settingNames } = ours;
  return Object.entries(context).flatMap(([given, value]) => {
    const setting = meantSetting(given, prefix, settingNames);
    if (setting !== undefined) return [`${given} is not read: did you mean -c ${setting}=${String(value)}?`];
    const key = Object.keys(keys).find((name) => nearestOf(given, [name, ...(keys[name] ?? [])]) !== undefined);
    if (key === undefined || Object.hasOwn(context, key)) return [];
    return [
      `${given} is not read: did you mean -c ${key}=${String(value)}? If ${given} is a key of your own, give ${key} as well`,
    ];
  });
}

/** The key of the setting that a key with nearly its prefix and nearly its name stands for. */
function meantSetting(given: string, prefix: string, settingNames: readonly string[]): string | undefined {
  if (given.startsWith(prefix)) return undefined;
  const at = given.indexOf(':') + 1;
  if (nearestOf(given.slice(0, at), [prefix]) === undefined) return undefined;
  const name = nearestOf(given.slice(at), settingNames);
  return name === undefined ? undefined : `${prefix}${name}`;
}
