import { BlockList, isIP } from 'node:net';

/**
 * A test for addresses inside the block, IPv4 or IPv6.
 * @throws RangeError unless `block` is `<address>/<bits>` with bits that the address has.
 */
export function compileCidr(block: string): (value: string) => boolean {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(block) ?? [];
  const family = isIP(address);
  if (family === 0)
    throw new RangeError(`Malformed CIDR, an address and a mask such as 10.0.0.0/24 required: ${block}`);
  const mostBits = family === 4 ? 32 : 128;
  if (Number(bits) > mostBits) throw new RangeError(`Malformed CIDR, mask bits must be <= ${mostBits}: ${block}`);
  const addresses = new BlockList();
  addresses.addSubnet(address, Number(bits), `ipv${family === 4 ? 4 : 6}`);
  // a block of one family holds no address of the other, although BlockList would map them
  return (value) => isIP(value) === family && addresses.check(value, `ipv${family === 4 ? 4 : 6}`);
}
