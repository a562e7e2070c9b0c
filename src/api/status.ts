import { Hono } from 'hono'
import type { Router } from '../dispatch/router.ts'

/**
 * `/healthz`: the process lives. `/readyz`: some host can speak and has room in its queue; else 503 and why not, `full`
 * for want of room alone.
 */
export const statusRoutes = (router: Pick<Router, 'isReady' | 'isFull' | 'troubles'>): Hono =>
  new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', (c) => {
      const { isReady, isFull, troubles } = router
      const status = !isReady ? 'not ready' : isFull ? 'full' : 'ready'
      return c.json({ status, troubles }, status === 'ready' ? 200 : 503)
    })
