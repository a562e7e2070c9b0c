import process from 'node:process'

/** What names a proxy to Bun's `fetch` and to Deno's, in small letters or in large ones. */
const NAMES = ['http_proxy', 'https_proxy', 'all_proxy']

/** Whether the environment has `fetch` go through a proxy: what can be reached without it then says nothing. */
export const usesProxy = (env: Readonly<Record<string, string | undefined>> = process.env): boolean =>
  NAMES.some((name) => env[name] || env[name.toUpperCase()])
