import type * as PromClient from 'prom-client'
import counter from 'prom-client/lib/counter.js'
import gauge from 'prom-client/lib/gauge.js'
import histogram from 'prom-client/lib/histogram.js'
import registry from 'prom-client/lib/registry.js'

/** Its front door also loads a push gateway, cluster and tracing: 11 MB of memory that nobody here asks for. */
export const Counter = counter as unknown as typeof PromClient.Counter
export const Gauge = gauge as unknown as typeof PromClient.Gauge
export const Histogram = histogram as unknown as typeof PromClient.Histogram
export const Registry = registry as unknown as typeof PromClient.Registry
export type Registry = PromClient.Registry
