/** What access tokens can allow. */
export const SCOPES = [
  'orders:read',
  'orders:write',
  'orders:read-for-others',
  'orders:write-for-others',
  'catalog:read',
  'catalog:write',
  'stock:write',
  'account',
  'accounts:admin',
] as const;

export type Scope = (typeof SCOPES)[number];

export const ROLES = ['customer', 'support', 'admin'] as const;

export type Role = (typeof ROLES)[number];

const CUSTOMER = ['orders:read', 'orders:write', 'catalog:read', 'account'] as const;
const SUPPORT = [...CUSTOMER, 'orders:read-for-others', 'orders:write-for-others'] as const;
const ADMIN = [...SUPPORT, 'catalog:write', 'stock:write', 'accounts:admin'] as const;

const SCOPES_OF: Readonly<Record<Role, readonly Scope[]>> = { customer: CUSTOMER, support: SUPPORT, admin: ADMIN };

/** A machine has no profile of its own. */
export const CLIENT_SCOPES = SCOPES.filter((scope) => scope !== 'account');

/** In the order of SCOPES, each once. */
export function scopesOf(roles: readonly Role[]): readonly Scope[] {
  const allowed = new Set(roles.flatMap((role) => SCOPES_OF[role]));
  return SCOPES.filter((scope) => allowed.has(scope));
}

/**
 * The scopes of a token.
 * @param asked separated by spaces; undefined asks for all
 * @returns undefined if something is asked for that is not allowed, or nothing
 */
export function narrowScopes(allowed: readonly Scope[], asked: string | undefined): readonly Scope[] | undefined {
  if (asked === undefined) return allowed;
  const names = asked.split(' ').filter((name) => name !== '');
  const granted = allowed.filter((scope) => names.includes(scope));
  return names.length > 0 && names.every((name) => granted.some((scope) => scope === name)) ? granted : undefined;
}
