import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defineEvent, type EventDefinition } from '../../lib/definitions/index.ts';

/** The data of every event of the model. */
export interface Numbered {
  /** Its place among all that the services publish; 0 for what a handler publishes. */
  readonly number: number;
  readonly group: string;
}

/** Takes whatever comes: what is searched for here does not lie in the data. */
const schema: StandardSchemaV1<Numbered> = {
  '~standard': { version: 1, vendor: 'faults', validate: (value) => ({ value: value as Numbered }) },
};

const grouped = (type: string, source = '/model') =>
  defineEvent({ type, source, version: 1, schema, group: (data) => data.group });

export const Common = grouped('common');
/** The type of another source: nobody takes it. */
export const Twin = grouped('common', '/twin');
export const Rare = grouped('rare');
export const Followed = grouped('followed');
export const Single = defineEvent({ type: 'single', source: '/model', version: 1, schema });

export const ALL_EVENTS: readonly EventDefinition[] = [Common, Rare, Followed, Single];
export const SOME_EVENTS: readonly EventDefinition[] = [Common, Single];
