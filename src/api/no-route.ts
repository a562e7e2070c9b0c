import type { Context } from 'hono'
import { SpeechError } from '../errors.ts'
import { type OpenAiError, openAiErrorResponse } from './openai-error.ts'

/** A route as Hono lists it. */
interface KnownRoute {
  readonly method: string
  /** Such as `/v1/models/:id{.+}`. */
  readonly path: string
}

/** Answers what no route takes: 405 and which methods there are where the path has others, else 404. */
export function noRoute({ req }: Context, routes: readonly KnownRoute[]): Response {
  const { method, path } = req
  const methods = methodsOf(routes, path)
  if (methods.length === 0)
    return openAiErrorResponse(
      new SpeechError(`No route ${method} ${path}`, { code: 'not-found', source: 'client' }),
    )
  const error: OpenAiError = {
    message: `${path} does not take ${method}; use ${methods.join(' or ')}`,
    type: 'invalid_request_error',
    param: null,
    code: 'method_not_supported',
  }
  return Response.json({ error }, { status: 405, headers: { allow: methods.join(', ') } })
}

/** The methods that routes have at a path; middleware has all of them, and is none. */
function methodsOf(routes: readonly KnownRoute[], path: string): string[] {
  const found = routes.filter((route) => route.method !== 'ALL' && patternOf(route).test(path))
  const methods = new Set(found.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))
  return [...methods].sort()
}

/** `:id` is one step of a path, `:id{.+}` what its own pattern says; all else is meant as it is written. */
const patternOf = ({ path }: KnownRoute): RegExp => {
  const pattern = path.replaceAll(/:\w+(?:\{([^}]+)\})?|\./g, (part, own = '[^/]+') =>
    part === '.' ? '\\.' : own,
  )
  return new RegExp(`^${pattern}$`)
}
