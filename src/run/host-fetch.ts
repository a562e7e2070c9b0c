/** What is used of Deno, whose types Bun does not know. */
interface DenoClients {
  createHttpClient(options: { readonly allowHost: boolean; readonly poolMaxIdlePerHost?: number }): unknown
}

/**
 * Gives a `fetch` that does the same on both runtimes where Deno's own does not: it sends a `host` header as it is given
 * one, where Deno's sends the URL's host, and makes a connection of its own for a request with `keepalive: false`. Each
 * has its own connections on Deno, so one is made for many hosts.
 */
export function hostFetch({ Deno, fetch }: FetchRuntime = globalThis as FetchRuntime): HostFetch {
  if (!Deno) return fetch
  const shared = Deno.createHttpClient({ allowHost: true })
  const fresh = Deno.createHttpClient({ allowHost: true, poolMaxIdlePerHost: 0 })
  return (url, init) => {
    const client = init?.keepalive === false ? fresh : shared
    return fetch(url, { ...init, client } as RequestInit)
  }
}

export type HostFetch = (url: URL | string, init?: RequestInit) => Promise<Response>

interface FetchRuntime {
  readonly fetch: HostFetch
  readonly Deno?: DenoClients
}
