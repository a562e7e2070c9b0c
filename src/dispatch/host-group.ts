import type { Tenant } from '../speech.ts'

/** What a tenant has waiting, in characters. */
export interface Share extends Pick<Tenant, 'id' | 'weight'> {
  readonly cost: number
}

/** One queue of a group. */
export interface GroupMember {
  /** Clauses that wait. */
  readonly waiting: number
  /** Their characters. */
  readonly waitingChars: number
  /** Those of one tenant. */
  charsOf(tenant: string): number
  /** Of all who have something waiting. */
  shares(): Iterable<Share>
  /** Sends one of a tenant's away, the last of them. */
  displace(tenant: string): void
}

/** Queues that have their bounds together: those before the addresses of one host, or before hosts of one `group`. */
export class HostGroup {
  readonly #members = new Set<GroupMember>()

  add(member: GroupMember): void {
    this.#members.add(member)
  }

  delete(member: GroupMember): void {
    this.#members.delete(member)
  }

  get waiting(): number {
    return this.#sum((member) => member.waiting)
  }

  get waitingChars(): number {
    return this.#sum((member) => member.waitingChars)
  }

  charsOf(tenant: string): number {
    return this.#sum((member) => member.charsOf(tenant))
  }

  /**
   * Sends one away so that something of `cost` may come: of the tenant that has most waiting for its weight, from the queue
   * where it has most. Tells whether it did, which it does not where who comes would have most.
   */
  makeRoom(tenant: Tenant, cost: number): boolean {
    const outcast = this.#outcast(tenant, cost)
    if (outcast === undefined) return false
    const [first, ...others] = this.#members
    others
      .reduce((most, each) => (each.charsOf(outcast) > most.charsOf(outcast) ? each : most), first!)
      .displace(outcast)
    return true
  }

  #outcast({ id, weight }: Tenant, cost: number): string | undefined {
    let most = (this.charsOf(id) + cost) / weight
    let greedy: string | undefined
    for (const share of this.#shares()) {
      if (share.id === id || share.cost / share.weight <= most) continue
      greedy = share.id
      most = share.cost / share.weight
    }
    return greedy
  }

  #shares(): Iterable<Share> {
    const shares = new Map<string, Share>()
    for (const member of this.#members)
      for (const { id, weight, cost } of member.shares())
        shares.set(id, { id, weight, cost: cost + (shares.get(id)?.cost ?? 0) })
    return shares.values()
  }

  #sum(of: (member: GroupMember) => number): number {
    let sum = 0
    for (const member of this.#members) sum += of(member)
    return sum
  }
}
