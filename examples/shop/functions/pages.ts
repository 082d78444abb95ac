import * as z from './zod.ts';

/** Of a query: which page of a list. */
export const pageQuery = (most: number, usual: number) => ({
  limit: z._default(z.coerce.number().check(z.multipleOf(1), z.minimum(1), z.maximum(most)), usual),
  /** `next` of the page before. */
  after: z.optional(z.string()),
});

/** Of a list: pass it as `after` for the next page; left out on the last one. */
export const nextPage = { next: z.optional(z.string()) };

/** As tables take and give them: nothing instead of undefined. */
export const afterOf = ({ after }: { readonly after?: string | undefined }): { readonly after?: string } =>
  after === undefined ? {} : { after };

export const nextOf = ({ next }: { readonly next: string | undefined }): { readonly next?: string } =>
  next === undefined ? {} : { next };
