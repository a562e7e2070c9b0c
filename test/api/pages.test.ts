import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { pageRoutes } from '../../src/api/pages.ts'

const app = pageRoutes()

test('pageRoutes() gives the page and every part of it, each with its type and nothing from elsewhere', async () => {
  const parts = readdirSync('src/web').filter((name) => /\.(js|css)$/.test(name))
  for (const path of ['/', ...parts.map((part) => `/web/${part}`)]) {
    const response = await app.request(path)
    expect([path, response.status]).toEqual([path, 200])
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('content-type')).toMatch(
      path.endsWith('.css') ? /^text\/css/ : path === '/' ? /^text\/html/i : /^text\/javascript/,
    )
    expect((await response.text()).length).toBeGreaterThan(100)
  }
})

test('the page and its parts name no address but their own', () => {
  for (const file of readdirSync('src/web')) {
    const text = readFileSync(`src/web/${file}`, 'utf8')
    const foreign = [...text.matchAll(/(?:src|href|from|import|url)\s*[=(]?\s*['"(]?(https?:)?\/\/[a-z]/gi)]
    expect([file, foreign.map(([found]) => found)]).toEqual([file, []])
  }
})
