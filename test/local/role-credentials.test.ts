import { describe, expect, it } from 'vitest';
import { createRoleCredentials } from '../../local/role-credentials.ts';

const RELAY = 'arn:aws:iam::000000000000:role/relay';

describe('role credentials', () => {
  it('lead back from a key id to its role', () => {
    const roles = createRoleCredentials();
    const { accessKeyId } = roles.credentialsOf(RELAY);

    expect(accessKeyId).toMatch(/^ASIA[0-9A-F]{16}$/);
    expect(roles.callerOf(accessKeyId)).toEqual({ kind: 'role', roleArn: RELAY });
  });

  it('differ from role to role', () => {
    const roles = createRoleCredentials();

    expect(roles.credentialsOf(RELAY).accessKeyId).not.toBe(roles.credentialsOf(`${RELAY}-2`).accessKeyId);
  });

  it("take any other key id for the run's own user", () => {
    expect(createRoleCredentials().callerOf('AKIAIOSFODNN7EXAMPLE')).toEqual({ kind: 'user' });
  });
});
