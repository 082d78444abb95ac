import { crc32 as crc32Of } from 'node:zlib';

const BYTE_VALUES = 256;

/** Castagnoli's polynomial, bits reflected. */
const CRC32C_TABLE = Uint32Array.from({ length: BYTE_VALUES }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** The polynomial of NVMe, bits reflected. */
const CRC64NVME_TABLE = BigUint64Array.from({ length: BYTE_VALUES }, (_, index) => {
  let value = BigInt(index);
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
  return value;
});

const ALL_ONES_64 = 0xffff_ffff_ffff_ffffn;

export const crc32 = (data: Uint8Array): Buffer => fourBytes(crc32Of(data));

export function crc32c(data: Uint8Array): Buffer {
  let crc = 0xffff_ffff;
  for (const byte of data) crc = (crc >>> 8) ^ (CRC32C_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return fourBytes((crc ^ 0xffff_ffff) >>> 0);
}

export function crc64nvme(data: Uint8Array): Buffer {
  let crc = ALL_ONES_64;
  for (const byte of data) crc = (crc >> 8n) ^ (CRC64NVME_TABLE[Number((crc ^ BigInt(byte)) & 0xffn)] ?? 0n);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(crc ^ ALL_ONES_64);
  return bytes;
}

function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
