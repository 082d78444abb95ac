import { describe, expect, it } from 'vitest';
import { refuseWrongEndpoint } from '../../cli/endpoint.ts';

describe('refuseWrongEndpoint', () => {
  it.each([
    {},
    { AWS_ENDPOINT_URL: '' },
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
    { AWS_ENDPOINT_URL_SQS: 'https://sqs.example.com', AWS_ENDPOINT: 'of another tool' },
  ])('accepts %j', (env) => {
    expect(() => refuseWrongEndpoint(env)).not.toThrow();
  });

  it.each([
    ['AWS_ENDPOINT_URL', 'localhost:4566'],
    ['AWS_ENDPOINT_URL_SQS', 'garbage'],
    ['AWS_ENDPOINT_URL', 'http://'],
  ])('rejects %s=%s and names the variable', (name, value) => {
    expect(() => refuseWrongEndpoint({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'OPS_USAGE',
        message: `${name} must be a URL like http://127.0.0.1:4566, got '${value}'`,
      }),
    );
  });
});
