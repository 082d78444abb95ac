const typeOf = (contentType: string | undefined): string => contentType?.split(';')[0]?.trim().toLowerCase() ?? '';

export const isForm = (contentType: string | undefined): boolean =>
  typeOf(contentType) === 'application/x-www-form-urlencoded';

/** A request without a content type counts as JSON: whether it is, its body tells. */
export const isJson = (contentType: string | undefined): boolean =>
  contentType === undefined || /^application\/([\w.-]+\+)?json$/.test(typeOf(contentType));
