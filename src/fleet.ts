import type { Config } from './config.ts'
import { type Endpoint, Endpoints } from './dispatch/endpoints.ts'
import { HostGroup } from './dispatch/host-group.ts'
import { Presence } from './dispatch/presence.ts'
import { createRoute, type Route } from './dispatch/route.ts'
import type { Router } from './dispatch/router.ts'
import { SpeechError } from './errors.ts'
import { batch } from './hosts/batch.ts'
import type { HostConfig } from './hosts/config.ts'
import { cosyvoiceHttp } from './hosts/cosyvoice-http.ts'
import { embedded } from './hosts/embedded.ts'
import { openai } from './hosts/openai.ts'
import { lazyHost } from './hosts/remote/lazy-host.ts'
import { withNumbersRead } from './hosts/remote/with-numbers-read.ts'
import { type HostFetch, hostFetch } from './run/host-fetch.ts'
import type { SetTimer } from './run/set-timer.ts'
import { usesProxy } from './run/uses-proxy.ts'
import type { Host } from './speech.ts'
import type { Metrics } from './telemetry/metrics.ts'

export interface FleetOptions {
  /** Stand in for the configured hosts. */
  readonly hosts?: readonly Host[] | undefined
  /** Gives a host name's addresses. @default node:dns/promises' lookup */
  readonly lookup?: (name: string) => Promise<readonly string[]>
  /** @default setTimeout */
  readonly setTimer?: SetTimer
  /**
   * Whether hosts are tried for connections as long as they are here; not where those go through a proxy.
   * @default false
   */
  readonly watch?: boolean
  /** Gets a route to each. */
  readonly router: Pick<Router, 'add' | 'remove'>
  readonly metrics: Pick<Metrics, 'batch'>
}

/** Starts the hosts, and keeps a route to each of their addresses. */
export class Fleet implements AsyncDisposable {
  /** As configured; one whose name has several addresses is here once. */
  readonly hosts: readonly Host[]
  readonly #config: Config
  readonly #options: FleetOptions
  readonly #routes = new Map<string, Route>()
  readonly #fetch = hostFetch()
  readonly #endpoints: Endpoints[] = []
  readonly #groups = new Map<string, HostGroup>()
  /** Those whose address is gone, until they have ended what they are at. */
  readonly #retired = new Set<Host>()

  constructor(config: Config, options: FleetOptions) {
    this.#config = config
    this.#options = options
    this.hosts = options.hosts ?? config.hosts.map((host) => createHost(host, this.#fetch))
    for (const host of this.hosts)
      this.#add(
        host,
        config.hosts.find(({ id }) => id === host.id),
      )
    if (!options.hosts) for (const host of config.hosts) if (hasAddresses(host)) this.#follow(host)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const endpoints of this.#endpoints) endpoints[Symbol.dispose]()
    for (const { presence } of this.#routes.values()) presence?.[Symbol.dispose]()
    const routed = [...this.#routes.values()].map(({ host }) => host)
    const hosts = new Set([...this.hosts, ...this.#retired, ...routed])
    await Promise.all([...hosts].map((host) => host[Symbol.asyncDispose]()))
  }

  #add(host: Host, config: HostConfig | undefined): void {
    const { router, metrics } = this.#options
    const { queue, breaker } = this.#config
    const remote = config && 'maxRequestsPerSecond' in config ? config : undefined
    const route = createRoute(host, {
      queue,
      group: this.#groupOf(remote?.group ?? config?.id),
      breaker,
      maxConnections: remote?.maxConnections,
      maxRequestsPerSecond: remote?.maxRequestsPerSecond,
      timeouts: config && 'timeouts' in config ? config.timeouts : undefined,
      presence: this.#presenceOf(config),
      onBatch: (size) => metrics.batch({ host: host.id, size }),
    })
    this.#routes.set(host.id, route)
    router.add(route)
  }

  /** The addresses of one name are one group, as are hosts whose config says so. */
  #groupOf(name: string | undefined): HostGroup | undefined {
    if (name === undefined) return undefined
    const group = this.#groups.get(name) ?? new HostGroup()
    this.#groups.set(name, group)
    return group
  }

  /** Begins to try a host for connections. */
  #presenceOf(config: HostConfig | undefined): Presence | undefined {
    const { watch, hosts, setTimer } = this.#options
    if (!watch || hosts || !config || !hasAddresses(config) || usesProxy()) return undefined
    const awayMs = this.#config.attempts.awaySeconds * 1000
    return new Presence(new URL(config.url), { withinMs: config.timeouts.connectMs, awayMs, setTimer })
  }

  /** Has a route to each address of the host's name; until they are known there is one to the name itself. */
  #follow(config: AddressedConfig): void {
    const onChange = ({ added, removed }: Change) => {
      const { group = config.id } = config
      for (const { id, url, headers } of added) {
        const own = {
          ...config,
          id,
          url,
          group,
          headers: { ...(hasHost(config) ? {} : headers), ...config.headers },
        }
        this.#add(createHost(own, this.#fetch), own)
      }
      for (const { id } of removed) this.#remove(id)
    }
    const { lookup, setTimer } = this.#options
    const endpoints = new Endpoints(config, {
      ...(lookup && { lookup }),
      ...(setTimer && { setTimer }),
      onChange,
    })
    this.#endpoints.push(endpoints)
    endpoints.ready
      .then((first) => {
        if (first.some(({ id }) => id !== config.id)) onChange({ added: first, removed: [config] })
      })
      .catch(() => {}) // the name itself still has its route
  }

  /** What waits goes elsewhere at once, what the host is at goes on. */
  #remove(id: string): void {
    const route = this.#routes.get(id)
    if (!route) return
    const { host, lane, presence } = route
    this.#routes.delete(id)
    presence?.[Symbol.dispose]()
    this.#options.router.remove(route)
    this.#retired.add(host)
    lane.retire(addressGone(id))
    lane.idle.then(() => this.#dispose(host))
  }

  async #dispose(host: Host): Promise<void> {
    if (this.hosts.includes(host) || !this.#retired.delete(host)) return
    try {
      await host[Symbol.asyncDispose]()
    } catch {
      // it is of no use to anybody any more
    }
  }
}

const addressGone = (host: string) =>
  new SpeechError(`Host "${host}" is at its address no more`, {
    code: 'unavailable',
    source: 'proxy',
    retryable: true,
  })

interface Change {
  readonly added: readonly Endpoint[]
  readonly removed: readonly { readonly id: string }[]
}

type AddressedConfig = Extract<HostConfig, { readonly url: string }>

/** Whether it names its host itself, in whatever case. */
const hasHost = ({ headers }: AddressedConfig): boolean =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'host')

const hasAddresses = (config: HostConfig): config is AddressedConfig => 'url' in config

function createHost(config: HostConfig, fetch: HostFetch): Host {
  const host = hostOfKind(config, fetch)
  if (!('numbers' in config) || config.numbers === 'host') return host
  return withNumbersRead(host, async () => (await import('./hosts/numbers/read-numbers.ts')).readNumbers)
}

function hostOfKind(config: HostConfig, fetch: HostFetch): Host {
  switch (config.kind) {
    case 'cosyvoice-http':
      return cosyvoiceHttp(config, { fetch })
    case 'cosyvoice-grpc':
      // Its libraries take 11 MB and 40 ms, whether they are used or not.
      return lazyHost(config, async () => (await import('./hosts/cosyvoice-grpc.ts')).cosyvoiceGrpc(config))
    case 'openai':
      return openai(config, { fetch })
    case 'batch':
      return batch(config, { fetch })
    case 'embedded':
      return embedded(config)
  }
}
