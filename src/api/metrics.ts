import { Hono } from 'hono'

export interface MetricsRoutes {
  /** Everything in Prometheus's text format, and its type. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/** `/metrics`: what is counted and how things stand, for Prometheus to read. */
export const metricsRoutes = (metrics: MetricsRoutes): Hono =>
  new Hono().get('/metrics', async (c) =>
    c.body(await metrics.text(), 200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }),
  )
