import { Buffer } from 'node:buffer'

/** What is asked for, again and again. */
export interface Asked {
  readonly path: string
  /** Sent as JSON. In its text `{n}` becomes a number of seven digits that no other request has. */
  readonly body: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** Digits of a number that is written with letters: hosts and guards take long numbers for long speech. */
const LETTERS = 'abcdefghij'

const DIGITS = 7

/** Gives one request after another, each with its own text. */
export function requests(
  { path, body, headers = {} }: Asked,
  { close = false } = {},
): (n: number) => Uint8Array {
  const parts = JSON.stringify(body).split('{n}')
  const length = Buffer.byteLength(parts.join('')) + DIGITS * (parts.length - 1)
  const fields = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': `${length}`,
    ...(close && { connection: 'close' }),
    ...headers,
  })
  const head = `POST ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  return (n) => Buffer.from(head + parts.join(word(n)))
}

const word = (n: number): string =>
  `${n}`.padStart(DIGITS, '0').replace(/\d/g, (digit) => LETTERS[Number(digit)]!)
