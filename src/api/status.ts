import { Hono } from 'hono'
import type { Router } from '../dispatch/router.ts'

/** `/healthz`: the process lives. `/readyz`: some host can speak; else 503 and why not. */
export const statusRoutes = (router: Pick<Router, 'isReady' | 'troubles'>): Hono =>
  new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', (c) => {
      const { isReady: ready, troubles } = router
      return c.json({ status: ready ? 'ready' : 'not ready', troubles }, ready ? 200 : 503)
    })
