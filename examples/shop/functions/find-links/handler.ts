import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { LINK_TYPES, type Link, type LinkFinder } from 'waybill/links';
import type { Page, Tenancy } from 'waybill/tenancy';
import { readCommand } from '../command.ts';
import * as z from '../zod.ts';

export interface FindLinksDeps {
  readonly links: Pick<LinkFinder, 'findByEntity'>;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

const MOST_LINKS = 1000;

const querySchema = z.object({
  module: z.string(),
  type: z.string(),
  id: z.string(),
  /** Links of this type only. */
  linkType: z.optional(z.enum(LINK_TYPES)),
  limit: z.optional(z.int().check(z.minimum(1), z.maximum(MOST_LINKS))),
  /** `next` of the page before. */
  after: z.optional(z.string()),
});

/** Looks up what an entity of the shop is linked with: from it first, then to it. */
export const createFindLinks =
  ({ links, tenancy, logger }: FindLinksDeps) =>
  async (query: unknown, context: Context): Promise<Page<Link>> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('find-links', querySchema, query);
    const { linkType, limit, after, ...entity } = content;
    const found = await tenancy.runAsTenant(tenantId, () =>
      links.findByEntity(entity, {
        ...(linkType === undefined ? {} : { type: linkType }),
        ...(limit === undefined ? {} : { limit }),
        ...(after === undefined ? {} : { after }),
      }),
    );
    logger.info('links found', { ...entity, links: found.items.length, tenant_id: tenantId });
    return found;
  };
