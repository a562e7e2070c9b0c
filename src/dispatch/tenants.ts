import { SpeechError } from '../errors.ts'
import type { Tenant } from '../speech.ts'
import { type TenantConfig, tenantConfig } from './config.ts'

/** On what terms a tenant may ask for speech. */
export interface Terms {
  readonly tenant: Tenant
  readonly maxPriority: number
  /** How long first audio may take when a request does not say, in milliseconds. */
  readonly deadlineMs: number | undefined
  /** Whether a fallback voice may speak for it. */
  readonly degrade: boolean
}

/** Whose the requests are that name nobody. */
export const ANYBODY = 'default'

/** Knows the tenants and their terms; one that is called `default` sets those of requests that name nobody. */
export class Tenants {
  readonly #terms: ReadonlyMap<string, Terms>

  constructor(tenants: readonly TenantConfig[] = []) {
    const all = [tenantConfig.parse({ id: ANYBODY }), ...tenants]
    this.#terms = new Map(all.map((tenant) => [tenant.id, termsOf(tenant)]))
  }

  /** Throws an `invalid` error when there is no tenant of that name. */
  terms(id: string = ANYBODY): Terms {
    const terms = this.#terms.get(id)
    if (terms) return terms
    throw new SpeechError(`Tenant ${JSON.stringify(id)} is not known: it must be in the config's tenants`, {
      code: 'invalid',
      source: 'client',
      field: 'x-sotto-tenant',
    })
  }
}

const termsOf = ({ id, weight, maxQueuedChars, maxPriority, deadlineMs, degrade }: TenantConfig): Terms => ({
  tenant: { id, weight, maxQueuedChars },
  maxPriority,
  deadlineMs,
  degrade,
})
