/** The check of some bytes; where they go on after others, `before` is the check of those. */
type Check = (bytes: Uint8Array, before?: number) => number;

/** A cyclic redundancy check of 32 bits, reflected, by its polynomial. Finds damage, not tampering. */
function check(polynomial: number): Check {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? polynomial ^ (value >>> 1) : value >>> 1;
    return value;
  });
  return (bytes, before = 0) => {
    let crc = before ^ 0xffffffff;
    for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
    return (crc ^ 0xffffffff) >>> 0;
  };
}

/** CRC-32 as in zip and PNG. */
export const crc32 = check(0xedb88320);

/** CRC-32C (Castagnoli's polynomial), as in TensorFlow's files of records. */
export const crc32c = check(0x82f63b78);
