import { heapStats } from 'bun:jsc'
import process from 'node:process'
import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { body } from '../../src/pcm/body.ts'
import { listen } from '../../src/run/listen.ts'
import { createServices } from '../../src/services.ts'

/** What only the process itself knows. */
export interface Inside {
  /** Audio that waits for listeners. */
  readonly spooledBytes: number
  /** Objects that JavaScript holds and their buffers; what is garbage is collected first. */
  readonly liveBytes: number
}

/** A sotto that tells of its inside; takes its config as JSON. */
const config = parseConfig(JSON.parse(process.argv[2] ?? '{}'))
const services = createServices(config)
const app = createApp(services, config, { bodyOf: body })
app.get('/spooled', (c) => c.json(services.budget.used))
app.get('/inside', (c) => c.json(inside()))
await listen((request) => app.fetch(request), { port: config.port, hostname: config.host })

function inside(): Inside {
  Bun.gc(true)
  return { spooledBytes: services.budget.used, liveBytes: heapStats().heapSize }
}
