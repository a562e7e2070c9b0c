/** What is used of Deno, whose types Bun does not know. */
interface DenoClients {
  createHttpClient(options: { readonly allowHost: boolean }): unknown
}

/**
 * Gives a `fetch` that sends a `host` header as it is given one, on both runtimes: Deno's own drops it and sends the
 * URL's host in its place. Each has its own connections on Deno, so one is made for many calls.
 */
export function fetchWithHost({ Deno, fetch }: FetchRuntime = globalThis as FetchRuntime): Fetch {
  if (!Deno) return fetch
  const client = Deno.createHttpClient({ allowHost: true })
  return (url, init) => fetch(url, { ...init, client } as RequestInit)
}

type Fetch = (url: URL | string, init?: RequestInit) => Promise<Response>

interface FetchRuntime {
  readonly fetch: Fetch
  readonly Deno?: DenoClients
}
