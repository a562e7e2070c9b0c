import { expect, test } from 'bun:test'
import { Hono } from 'hono'
import { noRoute } from '../../src/api/no-route.ts'

const app = new Hono()
app
  .use((_, next) => next())
  .post('/v1/speech', (c) => c.text('spoken'))
  .get('/v1/voices/:id{.+}', (c) => c.text('voice'))
  .delete('/v1/voices/:id', (c) => c.text('gone'))
  .get('/web/style.css', (c) => c.text('style'))
  .notFound((c) => noRoute(c, app.routes))

test.each([
  ['GET', '/v1/speech', 'POST'],
  ['OPTIONS', '/v1/speech', 'POST'],
  ['POST', '/v1/voices/ann', 'DELETE, GET, HEAD'],
  ['PUT', '/v1/voices/a/b', 'GET, HEAD'],
  ['POST', '/web/style.css', 'GET, HEAD'],
])('noRoute() answers %s %s with 405 and what is allowed', async (method, path, allow) => {
  const response = await app.request(path, { method })
  expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
  expect(await response.json()).toEqual({
    error: {
      message: `${path} does not take ${method}; use ${allow.replaceAll(', ', ' or ')}`,
      type: 'invalid_request_error',
      param: null,
      code: 'method_not_supported',
    },
  })
})

test.each(['/v1/speech/', '/v1/voices', '/v1/voices/', '/web/styleXcss', '/x'])(
  'noRoute() answers %s, which no route has, with 404',
  async (path) => {
    const response = await app.request(path, { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([404, null])
    expect(await response.json()).toMatchObject({
      error: { message: `No route POST ${path}`, code: 'not_found' },
    })
  },
)

test('noRoute() is not asked where a route answers', async () => {
  expect((await app.request('/v1/voices/ann', { method: 'HEAD' })).status).toBe(200)
})
