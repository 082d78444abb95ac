import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { refuseTakenPort } from '../../../local/start/free-port.ts';

it('refuses a port that is in use, and leaves a free one unused', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  await expect(refuseTakenPort(port)).rejects.toMatchObject({
    code: 'LOCAL_USAGE',
    message: `port ${port} is taken: choose another, or leave it out for a free one`,
  });

  server.close();
  await once(server, 'close');
  await refuseTakenPort(port);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});

it('leaves the choice of a free port to the system', async () => {
  await expect(refuseTakenPort(0)).resolves.toBeUndefined();
});
