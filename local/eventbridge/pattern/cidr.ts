import { BlockList, isIP } from 'node:net';

/**
 * A test for addresses inside the block, IPv4 or IPv6.
 * @throws RangeError unless `block` is `<address>/<bits>` with bits that the address has.
 */
export function compileCidr(block: string): (value: string) => boolean {
  const [address = '', bits = '', ...more] = block.split('/');
  if (bits === '' || more.length > 0) throw new RangeError("Malformed CIDR, one '/' required");
  const family = isIP(address);
  if (family === 0) throw new RangeError(`Malformed CIDR, '${address}' is no IP address`);
  const mostBits = family === 4 ? 32 : 128;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > mostBits) {
    throw new RangeError(`Malformed CIDR, mask bits must be from 0 to ${mostBits}, but are '${bits}'`);
  }
  const addresses = new BlockList();
  addresses.addSubnet(address, Number(bits), `ipv${family === 4 ? 4 : 6}`);
  // a block of one family holds no address of the other, although BlockList would map them
  return (value) => isIP(value) === family && addresses.check(value, `ipv${family === 4 ? 4 : 6}`);
}
