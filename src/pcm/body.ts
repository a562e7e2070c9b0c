import { canWriteDirectly } from '../run/direct-stream.ts'
import { directRing } from './direct-ring.ts'
import { ring } from './ring.ts'

/** Makes the body of a reply that a server here sends; for a reader in the same process `ring` is right everywhere. */
export const body = canWriteDirectly ? directRing : ring
