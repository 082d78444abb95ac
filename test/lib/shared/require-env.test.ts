import { describe, expect, it } from 'vitest';
import { requireEnv, requireEnvFrom } from '../../../lib/shared/require-env.ts';

describe('requireEnv', () => {
  it('returns the requested variables, and no others', () => {
    const environment = { BUS: 'orders', TABLE: 'pending', HOME: '/root' };

    expect(requireEnv(environment, 'BUS', 'TABLE')).toEqual({ BUS: 'orders', TABLE: 'pending' });
  });

  it('rejects an incomplete environment and names every missing and every empty variable', () => {
    const environment = { BUS: 'orders', TABLE: '' };

    expect(() => requireEnv(environment, 'TABLE', 'BUS', 'QUEUE')).toThrow(
      expect.objectContaining({
        code: 'ENVIRONMENT_INCOMPLETE',
        missing: ['TABLE', 'QUEUE'],
        message:
          'environment variables must be set and not empty, missing: TABLE, QUEUE; set them where the function is defined',
      }),
    );
  });

  it('says what to do about variables that a construct sets', () => {
    expect(() => requireEnvFrom('hub.grantPublish(function, events) sets them', {}, 'TABLE')).toThrow(
      'missing: TABLE; hub.grantPublish(function, events) sets them',
    );
  });
});
