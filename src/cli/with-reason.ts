/** Codes of the network, which say more than a runtime's advice beside them. */
const NETWORK = /^(?:E(?:CONN|HOST|NET|NOTFOUND|PIPE|TIMEDOUT|AI_)|UND_ERR|Connection)/

/** What an error says, and its cause where it has one: `Host "a" cannot be reached: ECONNREFUSED`. */
export function withReason({ message, cause }: Error): string {
  const reason = cause instanceof AggregateError ? cause.errors.at(-1)?.cause : cause
  if (!(reason instanceof Error)) return message
  const { code = '' } = reason as NodeJS.ErrnoException
  return `${message}: ${NETWORK.test(code) ? code : reason.message}`
}
