import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../test/fakes/port.ts'
import { start } from '../spawn.ts'
import { type Server, serverOf } from './server.ts'

/** Whether it can be started here. */
export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).status === 0

/** Starts nginx before a host as one would for streams: one worker, kept connections, nothing held back. */
export async function startNginx(hostPort: number): Promise<Server> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'sotto-nginx-'))
  const config = join(folder, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 16384; }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; keepalive_requests 1000000;
  upstream host { server 127.0.0.1:${hostPort}; keepalive 256; keepalive_requests 1000000; }
  server { listen 127.0.0.1:${port};
    location / { proxy_pass http://host; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } } }`,
  )
  const nginx = await start(['nginx', '-c', config, '-p', folder], { ready: `http://127.0.0.1:${port}/` })
  return serverOf(port, nginx)
}
