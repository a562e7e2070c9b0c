import type { Bytes } from '../../speech.ts'

export interface OggPageOptions {
  /** Samples up to the page's end, as the codec counts them; 0 for headers. */
  readonly granule: number
  /** The page's place in its stream, from 0. */
  readonly sequence: number
  /** @default false */
  readonly isLast?: boolean
}

/** Tells one stream of a file from another; a fixed one keeps equal audio equal bytes. */
const SERIAL = 0x534f5454

/** Gives one Ogg page (RFC 3533) that holds one packet, of less than 65025 bytes. */
export function oggPage(packet: Uint8Array, { granule, sequence, isLast = false }: OggPageOptions): Bytes {
  const segments = Math.floor(packet.length / 255) + 1
  if (segments > 255) {
    throw new RangeError(
      `Cannot fill Ogg page: packet must be under 65025 bytes, current value is ${packet.length}`,
    )
  }
  const page: Bytes = new Uint8Array(27 + segments + packet.length)
  const header = new DataView(page.buffer)
  header.setUint32(0, 0x4f676753) // OggS
  page[5] = (sequence === 0 ? 2 : 0) | (isLast ? 4 : 0)
  header.setBigUint64(6, BigInt(granule), true)
  header.setUint32(14, SERIAL, true)
  header.setUint32(18, sequence, true)
  page[26] = segments
  page.fill(255, 27, 26 + segments)
  page[26 + segments] = packet.length % 255 // under 255: the packet ends here
  page.set(packet, 27 + segments)
  header.setUint32(22, checksum(page), true)
  return page
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0)
  return value
})

/** The plain CRC-32 polynomial, but neither reflected nor inverted. */
function checksum(bytes: Bytes): number {
  let value = 0
  for (const byte of bytes) value = (value << 8) ^ CRC_TABLE[((value >>> 24) ^ byte) & 255]!
  return value >>> 0
}
