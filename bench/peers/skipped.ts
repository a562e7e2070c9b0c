import { hasNginx } from './nginx.ts'
import { hasPortkey } from './portkey.ts'

/** Says which peers a bench went without, and how to have them. */
export const skippedPeers = (): string[] => [
  ...(hasPortkey()
    ? []
    : ["Portkey's gateway is skipped: it is not installed; npm ci --prefix bench/peers/portkey does that"]),
  ...(hasNginx() ? [] : ['nginx is skipped: it is not installed']),
]
