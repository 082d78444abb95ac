import { issuesText, WaybillError } from 'waybill';
import * as z from './zod.ts';

/** Whose command it is; where the deployment requires tenants, nothing is done without. */
const tenantSchema = z.object({ tenantId: z.optional(z.string()) });

/** `PLACE_ORDER` of `place-order` */
const codeOf = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/** A command does not say what it must. */
class CommandInvalidError extends WaybillError {
  readonly code: string;

  constructor(name: string, issues: readonly z.core.$ZodIssue[]) {
    super(`${name} cannot be done: ${issuesText(issues, 'command')}`);
    this.code = `${codeOf(name)}_INVALID`;
  }
}

/** The id that makes a command idempotent came before, with something else to be done. */
export class CommandIdTakenError extends WaybillError {
  readonly code: string;

  constructor(name: string, id: string) {
    super(`${name} cannot be done: '${id}' came before with other content; nothing was done again: choose another id`);
    this.code = `${codeOf(name)}_ID_TAKEN`;
  }
}

/**
 * Reads what a function was called with.
 * @param name of the command; its error's code is made of it: `PLACE_ORDER_INVALID` of `place-order`
 * @throws CommandInvalidError naming every member that is wrong
 */
export function readCommand<Content>(
  name: string,
  schema: z.ZodMiniType<Content>,
  command: unknown,
): { readonly tenantId: string | undefined; readonly content: Content } {
  const content = schema.safeParse(command);
  const tenant = tenantSchema.safeParse(command);
  if (content.success && tenant.success) return { tenantId: tenant.data.tenantId, content: content.data };
  throw new CommandInvalidError(name, content.error?.issues ?? tenant.error?.issues ?? []);
}
