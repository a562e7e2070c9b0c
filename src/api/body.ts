import type * as z from 'zod'
import { SpeechError } from '../errors.ts'
import { isCrowded, MOST_VALUES } from './crowded.ts'
import { plainIssues } from './plain-issue.ts'

/** Most bytes that a request's body may have. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024
/** Mistakes that one reply lists: a body may hold a million. */
const MOST_SAID = 10

/** Reads a JSON body, counted while it arrives, and gives what `schema` makes of it; throws `invalid` or `too-large`. */
export async function readJson<T extends z.ZodType>(request: Request, schema: T): Promise<z.output<T>> {
  const body = withoutNulls(parseJson(await readText(request)))
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issues = plainIssues(parsed.error.issues, body)
  const said = issues
    .slice(0, MOST_SAID)
    .map(({ field, message }) => `${field ? `${field}:` : 'Body'} ${message}`)
  const more = issues.length > MOST_SAID ? [`and ${issues.length - MOST_SAID} more mistakes`] : []
  throw new SpeechError([...said, ...more].join('; '), {
    code: 'invalid',
    source: 'client',
    field: issues[0]?.field || undefined,
  })
}

const WHOLE = new TextDecoder('utf-8', { fatal: true })

async function readText(request: Request): Promise<string> {
  const { headers } = request
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity') throw invalid(`Body is compressed (${encoding}); send it as it is`)
  const length = Number(headers.get('content-length') ?? Number.NaN)
  if (length > MAX_BODY_BYTES) throw tooLarge()
  try {
    if (length >= 0) return WHOLE.decode(await request.arrayBuffer())
    return await readCounted(request)
  } catch (thrown) {
    if (thrown instanceof SpeechError) throw thrown
    if (thrown instanceof TypeError && !request.signal.aborted)
      throw invalid('Body is not valid UTF-8', thrown)
    throw new SpeechError('Caller went away', { code: 'cancelled', source: 'client', cause: thrown })
  }
}

/** Reads a body that does not say how long it is. */
async function readCounted(request: Request): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parts: string[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw tooLarge()
    parts.push(decoder.decode(chunk, { stream: true }))
  }
  return [...parts, decoder.decode()].join('')
}

/** What clients of some languages send for what is not given. */
function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  if (!Object.values(body).includes(null)) return body
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}

function parseJson(text: string): unknown {
  if (text.trim() === '')
    throw invalid('Body is empty; send JSON such as {"model":"tts-1","voice":"alloy","input":"Hello."}')
  if (isCrowded(text)) throw invalid(`Body has over ${MOST_VALUES} fields and entries`)
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw invalid(`Body is not valid JSON: ${thrown instanceof Error ? thrown.message : thrown}`, thrown)
  }
}

const invalid = (message: string, cause?: unknown) =>
  new SpeechError(message, { code: 'invalid', source: 'client', cause })

const tooLarge = () =>
  new SpeechError(`Body is over ${MAX_BODY_BYTES} bytes`, { code: 'too-large', source: 'client' })
