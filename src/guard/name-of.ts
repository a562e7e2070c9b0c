/** A host as messages name it. */
export const nameOf = (host: string | undefined): string => (host === undefined ? 'Host' : `Host "${host}"`)
