import type { Context, MiddlewareHandler } from 'hono'
import { uuidv7 } from 'uuidv7'

const HEADER = 'x-request-id'

/** Gives the request's id: sortable, the same whenever it is asked for. */
export function requestIdOf(c: Context): string {
  const known: unknown = c.get(HEADER)
  if (typeof known === 'string') return known
  const id = uuidv7()
  c.set(HEADER, id)
  return id
}

/** Sends `x-request-id` with every reply, errors too, for a caller to name what went wrong. */
export const requestIds: MiddlewareHandler = async (c, next) => {
  await next()
  if (!c.res.headers.has(HEADER)) c.res.headers.set(HEADER, requestIdOf(c))
}
