import { expect, test } from 'bun:test'
import { Hono } from 'hono'
import { requestIdOf, requestIds } from '../../src/api/request-id.ts'

const app = new Hono()
  .use(requestIds)
  .get('/known', (c) => c.text(requestIdOf(c) + requestIdOf(c)))
  .get('/own', () => new Response('', { headers: { 'x-request-id': 'mine' } }))
  .get('/plain', (c) => c.text(''))
  .get('/fails', () => {
    throw new Error('no')
  })
  .onError((_, c) => c.text(requestIdOf(c), 500))

const idOf = async (path: string) => (await app.request(path)).headers.get('x-request-id')

test('requestIds() sends with a reply the id that its handler knows', async () => {
  const response = await app.request('/known')
  const id = response.headers.get('x-request-id')!
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  expect(await response.text()).toBe(id + id)
})

test('requestIds() sends another with every reply', async () => {
  const [first, second] = [await idOf('/plain'), await idOf('/plain')]
  expect(first! < second!).toBe(true)
})

test('requestIds() sends one with errors, and with what no route takes', async () => {
  const failed = await app.request('/fails')
  expect(await failed.text()).toBe(failed.headers.get('x-request-id')!)
  expect(await idOf('/nowhere')).toMatch(/^\w/)
})

test('requestIds() keeps the one that a reply has already', async () => {
  expect(await idOf('/own')).toBe('mine')
})
