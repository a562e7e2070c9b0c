/** Takes out of a host's words what they must not repeat to a caller. */
export type Conceal = (words: string) => string

/** What is shorter is too common to be a secret. */
const SHORTEST = 4
/** A part of a secret is one too, from so many characters on: hosts cut what they repeat. */
const PART = 8
/** So much of a host's words is looked at; no more than a part of that is told. */
const MOST = 1_000

/** Gives what takes these out, whole or in part: texts that are to be said, keys. */
export const concealing =
  (secrets: readonly string[]): Conceal =>
  (words) =>
    secrets
      .filter(({ length }) => length >= SHORTEST)
      .reduce((rest, secret) => withoutParts(rest.replaceAll(secret, '…'), secret), words.slice(0, MOST))

/** Takes out every run of words that stands in the secret as well. */
function withoutParts(words: string, secret: string): string {
  let [rest, from] = ['', 0]
  for (let at = 0; at + PART <= words.length; at++) {
    let length = PART
    if (!secret.includes(words.slice(at, at + length))) continue
    while (at + length < words.length && secret.includes(words.slice(at, at + length + 1))) length++
    rest += `${words.slice(from, at)}…`
    from = at + length
    at = from - 1
  }
  return rest + words.slice(from)
}

/** Gives the values of configured headers, and what stands behind a scheme such as `Bearer` in them. */
export const secretsIn = (headers: Readonly<Record<string, string>> | Headers): string[] =>
  [...new Headers(headers).values()].flatMap((value) => {
    const [, rest] = /^[A-Za-z]+ +(.+)$/.exec(value) ?? []
    return rest === undefined ? [value] : [value, rest]
  })
