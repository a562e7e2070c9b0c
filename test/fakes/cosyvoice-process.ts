import { type HostProcess, startHostProcess } from './host-process.ts'

/** Starts a CosyVoice server in a process of its own, with these flags of its, on a free port. */
export const startCosyvoiceProcess = (...flags: readonly string[]): Promise<HostProcess> =>
  startHostProcess('cosyvoice-server.ts', ...flags)
