import { describe, expect, it } from 'vitest';
import { createRoleCredentials } from '../../local/role-credentials.ts';

const RELAY = 'arn:aws:iam::000000000000:role/relay';

describe('role credentials', () => {
  it('map a key id to its session of the role', () => {
    const roles = createRoleCredentials();
    const { accessKeyId } = roles.credentialsOf(RELAY, 'relay-function');

    expect(accessKeyId).toMatch(/^ASIA[0-9A-F]{16}$/);
    expect(roles.callerOf(accessKeyId)).toEqual({ kind: 'role', roleArn: RELAY, sessionName: 'relay-function' });
  });

  it('differ from role to role, and from function to function', () => {
    const roles = createRoleCredentials();

    const { accessKeyId } = roles.credentialsOf(RELAY, 'one');

    expect(roles.credentialsOf(`${RELAY}-2`, 'one').accessKeyId).not.toBe(accessKeyId);
    expect(roles.credentialsOf(RELAY, 'two').accessKeyId).not.toBe(accessKeyId);
  });

  it("map any other key id to the run's own user", () => {
    expect(createRoleCredentials().callerOf('AKIAIOSFODNN7EXAMPLE')).toEqual({ kind: 'user' });
  });
});
