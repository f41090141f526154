// A picture of a page in few bytes: a page has few colours, so 256 of them are kept and each other one becomes the
// nearest. Reads what the browser writes: PNG of eight bits, in colour, with or without transparency.

import assert from 'node:assert/strict'
import { deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const MOST = 256

/** The same picture with a palette. */
export function inFewColours(png) {
  const { width, height, pixels } = read(png)
  const counts = new Map()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  const palette = [...counts].sort(([a, x], [b, y]) => y - x || a - b)
  palette.length = Math.min(palette.length, MOST)
  const colours = palette.map(([colour]) => colour)
  const places = new Map([...counts.keys()].map((colour) => [colour, nearest(colours, colour)]))

  // Each line begins with the byte that says it is not filtered.
  const lines = Buffer.alloc((width + 1) * height)
  pixels.forEach((pixel, at) => {
    const line = Math.floor(at / width)
    lines[line * (width + 1) + 1 + (at % width)] = places.get(pixel)
  })
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  const table = Buffer.from(colours.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  const data = deflateSync(lines, { level: 9, memLevel: 9 })
  const end = Buffer.alloc(0)
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('PLTE', table), chunk('IDAT', data), chunk('IEND', end)])
}

/** The pixels of a picture, each a number of red, green and blue. */
function read(png) {
  assert(png.subarray(0, 8).equals(SIGNATURE), 'this is no PNG')
  let head
  const data = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const kind = png.toString('latin1', at + 4, at + 8)
    const body = png.subarray(at + 8, at + 8 + length)
    if (kind === 'IHDR') head = body
    if (kind === 'IDAT') data.push(body)
    at += length + 12
  }
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)]
  const [depth, colour, , , interlaced] = head.subarray(8)
  assert(depth === 8 && [2, 6].includes(colour) && interlaced === 0, 'this PNG is not as the browser writes them')
  const step = colour === 6 ? 4 : 3
  const bytes = unfiltered(inflateSync(Buffer.concat(data)), width * step, height, step)
  const pixels = new Uint32Array(width * height)
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = (bytes[at * step] << 16) | (bytes[at * step + 1] << 8) | bytes[at * step + 2]
  }
  return { width, height, pixels }
}

/** The bytes of the lines, each of which was written as its difference from what stands beside or above it. */
function unfiltered(filtered, width, height, step) {
  const bytes = Buffer.alloc(width * height)
  for (let line = 0; line < height; line++) {
    const filter = filtered[line * (width + 1)]
    for (let x = 0; x < width; x++) {
      const at = line * width + x
      const left = x >= step ? bytes[at - step] : 0
      const above = line > 0 ? bytes[at - width] : 0
      const corner = x >= step && line > 0 ? bytes[at - width - step] : 0
      const expected = [0, left, above, (left + above) >> 1, closest(left, above, corner)][filter]
      bytes[at] = filtered[line * (width + 1) + 1 + x] + expected
    }
  }
  return bytes
}

/** Of three neighbours the one that is closest to left + above − corner (Paeth). */
function closest(left, above, corner) {
  const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)]
  if (a <= b && a <= c) return left
  return b <= c ? above : corner
}

function nearest(colours, colour) {
  let [best, least] = [0, Infinity]
  for (const [place, other] of colours.entries()) {
    const [red, green, blue] = [16, 8, 0].map((shift) => ((colour >> shift) & 255) - ((other >> shift) & 255))
    const distance = red * red + green * green + blue * blue
    if (distance < least) [best, least] = [place, distance]
  }
  return best
}

function chunk(kind, body) {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), body])
  const whole = Buffer.alloc(named.length + 8)
  whole.writeUInt32BE(body.length, 0)
  whole.set(named, 4)
  whole.writeUInt32BE(crc32(named), named.length + 4)
  return whole
}

/** The check sum of a part. Node.js has one of its own only from 20.15 on. */
function crc32(bytes) {
  let sum = ~0
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return ~sum >>> 0
}
