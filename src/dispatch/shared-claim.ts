import type { CallEvent, Claim, Tenant } from '../speech.ts'

/**
 * The claim of a call that several share. The call is made and counted for the one who was first; as urgent as the most
 * urgent who has joined, and of use for as long as to the most patient one: `priority` and `deadlineAt` are raised in
 * place, so read them when they matter. What happens is told to the one who is there the longest, and when none is left
 * to the last who was.
 */
export class SharedClaim implements Claim {
  readonly request: string
  readonly tenant: Tenant
  priority: number
  deadlineAt: number | undefined
  /** Whom each claim is for, in their order: one request may share a call with itself. */
  readonly #claims = new Map<object, Claim>()
  #told: Claim

  constructor(first: Claim) {
    this.request = first.request
    this.tenant = first.tenant
    this.priority = first.priority
    this.deadlineAt = first.deadlineAt
    this.#told = first
  }

  /** Adds who shares the call, the first one too. */
  join(who: object, claim: Claim): void {
    if (this.#claims.size > 0) claim.tell({ type: 'joined' })
    this.#claims.set(who, claim)
    this.priority = Math.max(this.priority, claim.priority)
    this.deadlineAt = later(this.deadlineAt, claim.deadlineAt)
  }

  leave(who: object): void {
    this.#claims.delete(who)
    const [next] = this.#claims.values()
    if (next) this.#told = next
  }

  readonly tell = (event: CallEvent): void => {
    this.#told.tell(event)
  }
}

const later = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : Math.max(a, b)
